/** The inspector, number fields and easings. */

/** @import { Wording } from "../../types.js" */

/** @type {Wording} */
const en = {};

/** @type {Wording} */
const zh = {};

export const inspector = { en, zh };
