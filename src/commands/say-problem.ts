import type { UnknownName } from "../db/selection.ts";
import type { ParseProblem } from "./language/parse-problem.ts";
import { formatValues } from "./language/terms.ts";
import type { Reply } from "./reply.ts";
import { plainReply, type Voice } from "./say.ts";

/** What was not understood, the nearest thing that would have been, and that nothing was done. */
export function sayProblem(problem: ParseProblem, { t }: Voice): Reply {
  const words = t.replies;
  const nearest = "suggestion" in problem && problem.suggestion ? [words.didYouMean({ suggestion: problem.suggestion })] : [];
  const said = (...lines: string[]) => plainReply("refused", [...lines, ...nearest, words.typeHelp]);
  switch (problem.kind) {
    case "unknown-verb":
      return said(words.unknownVerb(problem));
    case "unknown-key":
      return said(words.unknownKey(problem));
    case "unknown-flag":
      return said(words.unknownFlag(problem));
    case "unknown-value":
      return said(
        words.unknownValue(problem),
        ...(problem.allowed.length > 0 ? [words.allowedValues({ values: problem.allowed.join(", ") })] : []),
      );
    case "missing-value":
      return said(words.missingValue(problem));
    case "bad-value":
      return said(words.badValue(problem));
    case "saved-not-here":
      return said(words.savedNotHere(problem));
    case "unclosed-quote":
      return said(words.unclosedQuote(problem));
    case "too-long":
      return said(words.tooLong);
  }
}

/** A department, company or other name that the organisation does not have. */
export function sayUnknownName({ key, found, suggestion }: UnknownName, { t }: Voice): Reply {
  return plainReply("refused", [
    t.replies.unknownValue({ key, found }),
    ...(suggestion === null ? [] : [t.replies.didYouMean({ suggestion: formatValues(key, [suggestion]) })]),
    t.replies.typeHelp,
  ]);
}
