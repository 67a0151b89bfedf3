/** Everything typed, pressed or submitted comes in here and goes out as one answer. */
import type { Deps } from "../deps.ts";
import type { Answer, Asker } from "./asker.ts";
import type { Form, FormValues, Option, OptionSource } from "./form.ts";

/** A line of the command language, without `/verify` or the bot's mention in front. Never throws: a fault is a reply with a reference. */
export function dispatchText(_deps: Deps, _asker: Asker, _text: string): Promise<Answer> {
  throw new Error("being written");
}

/** A pressed button: the id it carried. Another person's, an unknown or an expired id is refused in words. */
export function dispatchAction(_deps: Deps, _asker: Asker, _actionId: string): Promise<Answer> {
  throw new Error("being written");
}

/** A submitted form. */
export function dispatchForm(_deps: Deps, _asker: Asker, _actionId: string, _values: FormValues): Promise<Answer> {
  throw new Error("being written");
}

/** The same form with its live notice for the values chosen so far; null when the form is gone or not the asker's. */
export function refreshForm(_deps: Deps, _asker: Asker, _actionId: string, _values: FormValues): Promise<Form | null> {
  throw new Error("being written");
}

/** At most 100 options whose label holds `typed`; none for someone who may not send. */
export function listOptions(_deps: Deps, _asker: Asker, _source: OptionSource, _typed: string): Promise<Option[]> {
  throw new Error("being written");
}
