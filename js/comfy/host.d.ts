/** The few parts of ComfyUI's frontend that the pack uses, as seen in releases 1.35 to 1.58. */

export interface ComfyWidget {
  name: string;
  type?: string;
  value: unknown;
  callback?: ((...values: unknown[]) => unknown) | undefined;
  element?: HTMLElement;
  serialize?: boolean;
}

export interface ComfyLink {
  /** A number up to 1.45, a string from 1.49; "-10" = the input of the subgraph. */
  readonly origin_id: number | string;
  readonly origin_slot: number;
}

export interface ComfySlot {
  readonly name: string;
  readonly type?: unknown;
  readonly link?: number | null;
}

export interface ComfyNode {
  id: number | string;
  title?: string;
  type?: string | null;
  /** 0 = runs, 2 = muted, 4 = bypassed. */
  mode?: number;
  readonly inputs?: ComfySlot[];
  readonly widgets?: ComfyWidget[];
  readonly graph?: ComfyGraph | null;
  readonly subgraph?: ComfyGraph;
  readonly imgs?: readonly { readonly src: string }[];
  size?: [number, number] | Float32Array | Float64Array;
  setSize?(size: [number, number]): void;
  isSubgraphNode?(): boolean;
  resolveSubgraphOutputLink?(slot: number): { readonly outputNode?: ComfyNode } | undefined;
  addDOMWidget(name: string, type: string, element: HTMLElement, options: DomWidgetOptions): ComfyWidget;
  onAdded?: ((...values: unknown[]) => unknown) | undefined;
  onRemoved?: ((...values: unknown[]) => unknown) | undefined;
  onConnectionsChange?: ((...values: unknown[]) => unknown) | undefined;
  onExecuted?: ((...values: unknown[]) => unknown) | undefined;
}

export interface DomWidgetOptions {
  getValue(): string;
  setValue(value: unknown): void;
  getMinHeight?(): number;
  hideOnZoom?: boolean;
  margin?: number;
}

export interface ComfyGraph {
  readonly id?: string;
  readonly nodes?: readonly ComfyNode[];
  getLink?(id: number): ComfyLink | undefined;
  getNodeById?(id: number | string): ComfyNode | null;
}

export interface ImageReference {
  readonly filename: string;
  readonly subfolder?: string;
  readonly type?: string;
}

export interface ChangeTracker {
  captureCanvasState?(): void;
  checkState?(): void;
}

export interface ComfyApp {
  readonly graph?: ComfyGraph;
  readonly rootGraph?: ComfyGraph;
  readonly nodeOutputs?: Readonly<Record<string, { readonly images?: readonly ImageReference[] } | undefined>>;
  readonly extensionManager?: {
    readonly workflow?: { readonly activeWorkflow?: { readonly changeTracker?: ChangeTracker } | null };
    readonly setting?: { get(id: string): unknown };
  };
  registerExtension(extension: ComfyExtension): void;
}

export interface ComfyExtension {
  readonly name: string;
  getCustomWidgets?(): Record<string, (node: ComfyNode, name: string, spec: readonly unknown[]) => { widget: ComfyWidget }>;
  loadedGraphNode?(node: ComfyNode): void;
}

export interface ComfyApi extends EventTarget {
  apiURL(route: string): string;
  fetchApi(route: string, options?: RequestInit): Promise<Response>;
}

/** The frontend, handed down from the one file that imports it. */
export interface Comfy {
  readonly app: ComfyApp;
  readonly api: ComfyApi;
}

/** A picture found upstream of the editor. */
export interface FoundPicture {
  readonly url: string;
  /** What stands between the picture and the editor and may change it; "" = nothing. */
  readonly through: string;
  /** Where the server has it, for smart select; null = not known. */
  readonly reference: ImageReference | null;
}
