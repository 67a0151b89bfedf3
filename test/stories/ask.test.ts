/** Somebody who is locked out says so in their own words. Over both wires, to a mail that the relay took. */
import { and, eq } from "drizzle-orm";
import { describe, expect, it } from "vitest";
import { users } from "../../src/db/schema/tables.ts";
import { testDatabase } from "../support/database.ts";
import { openStory, PLATFORMS } from "../support/story.ts";

const { db } = await testDatabase();
const { begin } = await openStory(db);

describe.each(PLATFORMS)("plain words, in %s", (platform) => {
  it("A pending employee is told why and gets the mail by one press, and their admins hear of a wrong address", async () => {
    const story = await begin(platform);
    const admin = await story.person("Adam Admin", "admin", ["North"]);
    const eva = await story.person("Eva Employee", null);
    const north = await story.user({ name: "Anna Berg" });
    await db
      .update(users)
      .set({ verifiedAt: null, companyId: north.companyId, loginAddress: "eva@acme.example", loginAddressKey: "eva@acme.example" })
      .where(and(eq(users.organisationId, story.id), eq(users.name, "Eva Employee")));

    const why = await eva.say("kan inte logga in");
    expect(why).toContain("Hi Eva! Your address e***@acme.example is not confirmed yet, so you cannot log in.");
    expect(story.sentTo()).toEqual([]);
    expect(await eva.press("Send the mail again")).toMatch(/Sent to Eva Employee|Queued for Eva Employee/);
    await expect.poll(story.sentTo, { timeout: 15_000 }).toEqual(["eva"]);

    expect(await eva.say("I did not get any mail")).toContain("Look for “Confirm your login address");
    expect(await eva.press("Wrong address?")).toContain("1 administrator knows that you need help");
    expect(await story.told(admin, /^Eva Employee \(e\*\*\*@acme\.example\) cannot log in/)).toContain("asks for your help");
  });
});
