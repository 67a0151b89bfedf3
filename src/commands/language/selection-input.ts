import { z } from "zod";
import { PART_KEYS, TEXT_KEYS, type Selection } from "../../domain/filter.ts";
import { LANGUAGES } from "../../domain/user.ts";

const values = <S extends z.ZodType>(value: S) => z.array(value).min(1).max(100);
const not = z.boolean();

const Term = z.union([
  z.object({ not, key: z.enum([...TEXT_KEYS, ...PART_KEYS]), values: values(z.string().min(1).max(200)) }),
  z.object({ not, key: z.literal("status"), values: values(z.enum(["active", "inactive"])) }),
  z.object({ not, key: z.literal("connection"), values: values(z.enum(["no-address", "pending", "connected", "deactivated"])) }),
  z.object({ not, key: z.literal("lang"), values: values(z.enum(LANGUAGES)) }),
  z.object({ not, key: z.literal("pending-age"), than: z.enum([">", "<"]), days: z.number().int().min(0).max(3650) }),
  z.object({ not, key: z.literal("never-sent") }),
  z.object({ not, key: z.literal("bounced") }),
]);

/** A parsed selection as it is stored behind buttons and forms and on bulk sends. */
export const SelectionInput: z.ZodType<Selection> = z.array(Term).max(50);
