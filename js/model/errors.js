/** What a track document, or a wish to change one, can be refused with. */

/** The message names the thing, its value, the limit and the way out; it is made to be shown. */
export class DocumentError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = "DocumentError";
  }
}
