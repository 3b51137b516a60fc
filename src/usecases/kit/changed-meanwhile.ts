/** A record, or what a write depends on, is no longer what was read; nothing was written, and the verb may decide again. */
export class ChangedMeanwhile extends Error {
  constructor(resource: string, id: string) {
    super(`${resource} ${id} changed between reading and writing`);
    this.name = "ChangedMeanwhile";
  }
}
