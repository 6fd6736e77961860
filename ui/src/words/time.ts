// Clock times, dates and durations in the person's own locale. Nothing else formats them.

let locale: string | undefined;

/** For pictures and tests: the locale to write in. `undefined` is the person's own. */
export function useLocale(name: string | undefined): void {
  locale = name;
}

/** RFC 3339 text as milliseconds, or null if there is none or it cannot be read. */
export function parse(time: string | null | undefined): number | null {
  if (!time) return null;
  const ms = Date.parse(time);
  return Number.isNaN(ms) ? null : ms;
}

/** `15:40`, or `15:40 tomorrow`, `15:40 on 2 January` when it is not today. */
export function clockTime(ms: number, now: number): string {
  const time = new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(ms);
  const days = daysBetween(now, ms);
  if (days === 0) return time;
  if (days === 1) return `${time} tomorrow`;
  if (days === -1) return `${time} yesterday`;
  return `${time} on ${date(ms)}`;
}

/** `2 January`. */
export function date(ms: number): string {
  return new Intl.DateTimeFormat(locale, { day: "numeric", month: "long" }).format(ms);
}

/** Whole calendar days from `from` to `to`, in local time. */
export function daysBetween(from: number, to: number): number {
  return Math.round((midnight(to) - midnight(from)) / 86_400_000);
}

/** Days of a sign-in that are left; a day that has begun counts. */
export function daysLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 86_400_000));
}

/** Minutes left; a minute that has begun counts. */
export function minutesLeft(until: number, now: number): number {
  return Math.max(0, Math.ceil((until - now) / 60_000));
}

/** `2:41`, for a wait. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

/** `a moment`, `9 min`, `3 h`, `2 days`: how long something has lasted. */
export function lasted(since: number, now: number): string {
  const minutes = Math.floor((now - since) / 60_000);
  if (minutes < 1) return "a moment";
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : plural(Math.floor(hours / 24), "day");
}

/** `1 day`, `42 days`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${new Intl.NumberFormat(locale).format(count)} ${count === 1 ? one : many}`;
}

function midnight(ms: number): number {
  const day = new Date(ms);
  return Date.UTC(day.getFullYear(), day.getMonth(), day.getDate());
}
