import { mount } from "svelte";
import App from "./App.svelte";
import "./base.css";
import { follow } from "./view.svelte";

void follow();
mount(App, { target: document.getElementById("app") as HTMLElement });
