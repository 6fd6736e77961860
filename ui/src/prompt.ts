import { mount } from "svelte";
import "./base.css";
import Prompt from "./prompt/Prompt.svelte";
import { follow } from "./prompt/asked.svelte";

void follow();
mount(Prompt, { target: document.getElementById("app") as HTMLElement });
