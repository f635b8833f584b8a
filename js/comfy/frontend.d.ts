declare module "*/scripts/app.js" {
  export const app: import("./host.js").ComfyApp;
}
declare module "*/scripts/api.js" {
  export const api: import("./host.js").ComfyApi;
}
