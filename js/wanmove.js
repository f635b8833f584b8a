/** ComfyUI imports this file. It registers the extension: the only side effect below js/. */

import { api } from "../../scripts/api.js";
import { app } from "../../scripts/app.js";
import { createExtension } from "./comfy/extension.js";

app.registerExtension(createExtension({ app, api }));
