// A stand-in for the app: answers commands, remembers them, and sends events.

import { emit } from "@tauri-apps/api/event";
import { clearMocks, mockIPC } from "@tauri-apps/api/mocks";

export interface Call {
  command: string;
  args: Record<string, unknown>;
}

/** Answers each command with what `answers` has for it; a function is called. */
export function standIn(answers: Record<string, unknown>) {
  const calls: Call[] = [];
  mockIPC(
    (command, args) => {
      calls.push({ command, args: (args ?? {}) as Record<string, unknown> });
      const answer = answers[command];
      return typeof answer === "function" ? answer(args) : answer;
    },
    { shouldMockEvents: true },
  );
  return { calls, of: (command: string) => calls.filter((call) => call.command === command).map((call) => call.args), send: emit, end: clearMocks };
}
