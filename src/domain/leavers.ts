/** Whether a full load may mark so many users as leavers. A file that lacks people is far more often a broken file than a hard day. */

/** So many may leave whatever the share. */
const FEW = 5;
const MOST_SHARE = 0.1;

/** `present`: users who had not left before the load. */
export function areTooManyLeavers(leavers: number, present: number): boolean {
  return leavers > 0 && (leavers === present || (leavers > FEW && leavers > present * MOST_SHARE));
}
