/** The types that the parts of the editor share. Field names of the document are those of docs/document.md. */

declare const space: unique symbol;

/** Pixels of the reference picture, x right, y down. The brand is never there; it keeps spaces apart in tsc. */
export type ImagePoint = readonly [number, number] & { readonly [space]?: "image" };
/** CSS pixels of the stage, from its top-left corner. */
export type ViewPoint = readonly [number, number] & { readonly [space]?: "view" };
export type Pair = readonly [number, number];
/** left, top, right, bottom in reference pixels; the last two outside. */
export type Box = readonly [number, number, number, number];
/** [a, b, x, c, d, y]: x' = a x + b y + x, y' = c x + d y + y. */
export type Affine = readonly [number, number, number, number, number, number];

// The document -------------------------------------------------------------------------------------------------------

export type Bezier = readonly [number, number, number, number];
export type Easing = string | Bezier;
export type Span = readonly [number, number];
export type Repeat = "hold" | "loop" | "ping-pong";
export type PathKind = "linear" | "catmull-rom" | "bezier";

export interface Timing {
  readonly start: number;
  readonly end: number;
  readonly easing: Easing;
  readonly repeat: Repeat;
  readonly cycles: number;
  readonly reverse: boolean;
}

/** In JSON [time, value] or [time, value, easing]. Time is a phase of the motion. */
export interface Key {
  readonly time: number;
  readonly value: number;
  readonly easing: Easing;
}

export interface Path {
  readonly kind: PathKind;
  readonly points: readonly Pair[];
  /** Empty, or for each point [in x, in y, out x, out y] relative to it. */
  readonly handles: readonly (readonly [number, number, number, number])[];
  /** Empty = constant speed, or for each point the phase at which it is reached. */
  readonly times: readonly number[];
}

/** All parameters of its kind, defaults filled in. */
export interface Component {
  readonly kind: string;
  readonly values: Readonly<Record<string, number>>;
}

export interface Motion {
  readonly path: Path | null;
  readonly rotation: readonly Key[];
  readonly scale: readonly Key[];
  readonly anchor: Pair | null;
  readonly components: readonly Component[];
  readonly timing: Timing;
}

export type Region =
  | { readonly kind: "point"; readonly at: Pair }
  | { readonly kind: "disc"; readonly centre: Pair; readonly radius: number }
  | { readonly kind: "rectangle"; readonly box: readonly [number, number, number, number] }
  | { readonly kind: "polygon"; readonly points: readonly Pair[] }
  | { readonly kind: "brush"; readonly points: readonly Pair[]; readonly radius: number }
  | {
      readonly kind: "mask";
      readonly columns: number;
      readonly rows: number;
      readonly runs: readonly number[];
      readonly cell: number;
    }
  | { readonly kind: "frame" }
  | { readonly kind: "rest" };

export interface Layer {
  readonly name: string;
  readonly region: Region;
  readonly motion: Motion;
  readonly visible: readonly Span[];
  readonly density: number;
  readonly enabled: boolean;
  readonly locked: boolean;
  readonly colour: string;
  readonly group: string;
}

/** Frozen; two documents that share a layer object have not changed it. Layers lie bottom to top. */
export interface TrackDocument {
  readonly version: 1;
  readonly width: number;
  readonly height: number;
  readonly layers: readonly Layer[];
}

export interface Parameter {
  readonly name: string;
  readonly default: number;
  readonly low: number;
  readonly high: number;
  readonly unit: string;
  readonly whole: boolean;
}

/** What a motion has done at a phase: a shift in pixels, a turn in degrees clockwise, the logarithm of a scale. */
export interface Pose {
  readonly x: number;
  readonly y: number;
  readonly turn: number;
  readonly growth: number;
}

/** A row of the components: parameters and one of the two functions. */
export interface ComponentKind {
  readonly parameters: readonly Parameter[];
  readonly pose?: (values: Readonly<Record<string, number>>, phase: number) => Pose;
  /** Places [N, 2] flat, relative to the anchor → displacements [N, 2] flat. */
  readonly ripple?: (values: Readonly<Record<string, number>>, places: Float64Array, phase: number) => Float64Array;
}

// What is made of a document -----------------------------------------------------------------------------------------

/** The clip that is to be made: pixels of the video, frames, frames a second, how the picture becomes the video. */
export interface Clip {
  readonly width: number;
  readonly height: number;
  readonly length: number;
  readonly fps: number;
  readonly fit: "stretch" | "crop" | null;
}

export interface BakedTracks {
  /** [T, N, 2] flat, target pixels. */
  readonly positions: Float32Array;
  /** [T, N] flat, 0 or 1. */
  readonly visibility: Uint8Array;
  /** [N], index of the layer in the document. */
  readonly layer: Int32Array;
  readonly length: number;
  readonly count: number;
  readonly width: number;
  readonly height: number;
}

/** Which cell the model is given where. Cells count row * columns + column; -1 = none. */
export interface CellEdit {
  readonly columns: number;
  readonly rows: number;
  /** T' */
  readonly latentFrames: number;
  /** [T', rows * columns]: the track that owns the cell, -1 = none; latent frame 0 is all -1. */
  readonly owner: Int32Array;
  /** [N]: the cell of the start picture that a track carries, -1 = it starts outside. */
  readonly source: Int32Array;
}

export type FindingKind =
  | "source-size"
  | "length"
  | "start-outside"
  | "hidden-start"
  | "far-edge"
  | "collision-lost"
  | "motion-under-a-cell"
  | "jump"
  | "cannot-bake";

export interface Finding {
  readonly kind: FindingKind;
  /** Index in the document; null = the whole. */
  readonly layer: number | null;
  /** Tracks concerned, and of how many. */
  readonly count: number;
  readonly of: number;
  /** Numbers and names for the text of this kind, by placeholder. */
  readonly values: Readonly<Record<string, string | number>>;
  /** Mends it: the new document, or the clip's new length. null = nothing that a button could do. */
  readonly fix: ((document: TrackDocument) => TrackDocument) | { readonly length: number } | null;
}

/** What a run made of the tracks that were asked of it, as a node of the host measured it. Pixels of the measured clip. */
export interface Measured {
  readonly width: number;
  readonly height: number;
  /** Frames. */
  readonly length: number;
  /** Tracks that are shown, N. */
  readonly count: number;
  /** [N, T, 2] flat. */
  readonly requested: Float32Array;
  /** [N, T, 2] flat; of no worth where the point was lost. */
  readonly achieved: Float32Array;
  /** [N, T] flat, 0 = lost. */
  readonly followed: Uint8Array;
  /** Of all measured tracks, in pixels of a video of 832 x 480; null = not known. */
  readonly meanError: number | null;
  readonly withinPercent: number | null;
  readonly lostPercent: number | null;
  readonly tracker: string;
}

/** A measurement, and the document's text that the tracks were made from. */
export interface MeasuredRun {
  readonly measured: Measured;
  readonly document: string;
}

export interface Coverage {
  /** Cells guided over latent frames 1 ... T'-1, and of how many. */
  readonly guided: number;
  readonly cells: number;
  /** [rows * columns], how many latent frames guide the cell. */
  readonly heat: Uint16Array;
}

// The editor ---------------------------------------------------------------------------------------------------------

export type Tool =
  | "select"
  | "points"
  | "pen"
  | "pencil"
  | "record"
  | "pin"
  | "rectangle"
  | "disc"
  | "lasso"
  | "brush"
  | "smart"
  | "camera"
  | "hand"
  | "zoom";

/** Which keys or spans a timeline drag concerns. */
export type KeyTrack = "path" | "rotation" | "scale";

export interface Selection {
  /** Indices of layers, ascending. */
  readonly layers: readonly number[];
  /** Control points of the path of the only selected layer. */
  readonly points: readonly number[];
  /** The key selected in the timeline. */
  readonly key: { readonly layer: number; readonly track: KeyTrack; readonly index: number } | null;
  /** Corners of an outline or points of a brush stroke, of the only selected layer; left out = none. */
  readonly regionPoints?: readonly number[];
}

/** view = image * scale + offset. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export type Handle =
  | { readonly kind: "scale"; readonly corner: 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 }
  | { readonly kind: "rotate" }
  | { readonly kind: "anchor" }
  | { readonly kind: "radius" };

/** What lies under the pointer. Hit order: handle, selected path point or bezier handle, selected layer, others. */
export type Hit =
  | { readonly kind: "handle"; readonly handle: Handle }
  | { readonly kind: "path-point"; readonly layer: number; readonly index: number }
  | { readonly kind: "path-handle"; readonly layer: number; readonly index: number; readonly side: "in" | "out" }
  | { readonly kind: "path"; readonly layer: number; readonly segment: number }
  | { readonly kind: "region-point"; readonly layer: number; readonly index: number }
  | { readonly kind: "layer"; readonly layer: number }
  | { readonly kind: "nothing" };

/** An unfinished gesture. `before` is the document that it started from. */
export type Gesture =
  | { readonly kind: "none" }
  /** The pointer is down on something that can be dragged. */
  | {
      readonly kind: "drag";
      readonly hit: Hit;
      readonly from: ImagePoint;
      readonly before: TrackDocument;
      readonly moved: boolean;
      /** Of the handle that turns: where the pointer was, and by how many degrees it has gone around until then. */
      readonly turned?: { readonly to: ImagePoint; readonly degrees: number };
    }
  | { readonly kind: "marquee"; readonly from: ImagePoint; readonly to: ImagePoint; readonly add: boolean }
  | {
      readonly kind: "shape";
      readonly tool: "rectangle" | "disc" | "pin" | "smart";
      readonly from: ImagePoint;
      readonly to: ImagePoint;
    }
  | {
      readonly kind: "stroke";
      /** "keep" and "leave" are marks for smart select. */
      readonly tool: "lasso" | "brush" | "pencil" | "keep" | "leave";
      readonly points: readonly ImagePoint[];
    }
  | {
      readonly kind: "record";
      readonly points: readonly ImagePoint[];
      readonly times: readonly number[];
      readonly layer: number;
    }
  /** Several clicks make one path: the points tool and the pen. Ends with Enter, Escape, double click or another tool. */
  | {
      readonly kind: "path";
      readonly tool: "points" | "pen";
      readonly layer: number;
      readonly before: TrackDocument;
      readonly pressed: boolean;
      readonly to: ImagePoint;
      /** Pen: the handle that a path without a second point yet will leave with, relative to its first point. */
      readonly leaving?: Pair;
      /** What was there before each click after the first, for undo. */
      readonly clicks?: readonly { readonly document: TrackDocument; readonly leaving: Pair }[];
    }
  | { readonly kind: "pan"; readonly from: ViewPoint; readonly viewport: Viewport }
  | { readonly kind: "zoom"; readonly from: ImagePoint; readonly to: ImagePoint };

/** Smart select while it is open: what was marked, and the outline that came back. */
export interface SmartSelect {
  readonly box: Box | null;
  readonly click: ImagePoint | null;
  readonly strokes: readonly { readonly keep: boolean; readonly points: readonly ImagePoint[]; readonly radius: number }[];
  readonly outline: readonly Pair[] | null;
  readonly waiting: boolean;
  readonly error: string | null;
}

export interface Overlays {
  /** Paths with a dot a frame, key 1. */
  readonly dots: boolean;
  /** The picture itself moves, key 2. */
  readonly warp: boolean;
  /** What the model is given, key 3. */
  readonly model: boolean;
  /** Coverage on the cell grid, key 4. */
  readonly coverage: boolean;
  /** Ghosts of regions at their keys. */
  readonly onion: boolean;
  /** What the last run achieved, key 5. */
  readonly achieved: boolean;
}

export interface ToolOptions {
  /** Reference pixels. */
  readonly brushRadius: number;
  /** Smart select: paint keep or leave strokes instead of drawing a box. */
  readonly smartStroke: "box" | "keep" | "leave";
}

export interface Snapshot {
  readonly document: TrackDocument;
  readonly selection: Selection;
}

export interface History {
  readonly past: readonly Snapshot[];
  readonly future: readonly Snapshot[];
}

export interface EditorState {
  /** With the changes of an unfinished gesture or scrub. */
  readonly document: TrackDocument;
  /** The last committed state; equal to `document` at rest. What the host is given. */
  readonly committed: Snapshot;
  readonly selection: Selection;
  readonly history: History;
  /** What was committed last by a nudge; equal to `committed` while nothing has happened since. */
  readonly nudged: Snapshot | null;
  readonly tool: Tool;
  readonly options: ToolOptions;
  readonly gesture: Gesture;
  readonly hover: Hit;
  readonly viewport: Viewport;
  /** Size of the stage in CSS pixels. */
  readonly stage: Pair;
  readonly clip: Clip;
  /** Clip progress 0 ... 1 of the playhead. */
  readonly progress: number;
  readonly playing: boolean;
  readonly overlays: Overlays;
  readonly smart: SmartSelect | null;
  /** The last run of what flows from here, where it was measured. */
  readonly measured: MeasuredRun | null;
  readonly clipboard: readonly Layer[];
  /** The document on opening, for Revert. */
  readonly opened: TrackDocument;
  /** Shown once: an error or a note, in the editor's language by key; null = none. */
  readonly notice: { readonly text: string; readonly kind: "note" | "error" } | null;
}

export interface PointerInput {
  readonly at: ImagePoint;
  readonly view: ViewPoint;
  readonly button: number;
  readonly shift: boolean;
  /** Ctrl or Meta. */
  readonly control: boolean;
  readonly pointer: "mouse" | "pen" | "touch";
  readonly pressure: number;
  /** Milliseconds, of the event. */
  readonly time: number;
  /** Clicks in a row, as of the event's detail. */
  readonly clicks: number;
}

export type Action =
  | { readonly type: "pointer-down"; readonly input: PointerInput }
  | { readonly type: "pointer-move"; readonly input: PointerInput }
  | { readonly type: "pointer-up"; readonly input: PointerInput }
  /** Capture lost, Escape: everything since the gesture's start is taken back. */
  | { readonly type: "cancel-gesture" }
  /** Enter, double click, other tool: a path in several clicks is kept. */
  | { readonly type: "finish-path" }
  | { readonly type: "set-tool"; readonly tool: Tool }
  | { readonly type: "set-options"; readonly options: Partial<ToolOptions> }
  /** One undo step: what an edit function of model/edits.js made. */
  | { readonly type: "edit"; readonly document: TrackDocument; readonly selection?: Selection }
  /** A scrub or timeline drag in progress: shown, not yet in the history. */
  | { readonly type: "try"; readonly document: TrackDocument; readonly selection?: Selection }
  /** Ends a series of "try" as one undo step. */
  | { readonly type: "keep" }
  | { readonly type: "drop" }
  | { readonly type: "undo" }
  | { readonly type: "redo" }
  | { readonly type: "revert" }
  | { readonly type: "select"; readonly selection: Selection }
  | { readonly type: "select-all" }
  | { readonly type: "select-next"; readonly at: ImagePoint | null; readonly back: boolean }
  | { readonly type: "copy" }
  | { readonly type: "cut" }
  | { readonly type: "paste" }
  | { readonly type: "paste-layers"; readonly layers: readonly Layer[] }
  | { readonly type: "duplicate" }
  | { readonly type: "delete" }
  | { readonly type: "group" }
  | { readonly type: "ungroup" }
  /** `again`: the key is held down; one undo step with the nudge before. */
  | { readonly type: "nudge"; readonly by: Pair; readonly again?: boolean }
  | { readonly type: "apply-preset"; readonly name: string }
  | { readonly type: "set-key" }
  | { readonly type: "toggle-visibility" }
  | { readonly type: "pin-rest" }
  | { readonly type: "set-progress"; readonly progress: number }
  | { readonly type: "play" }
  | { readonly type: "pause" }
  | { readonly type: "set-overlays"; readonly overlays: Partial<Overlays> }
  | { readonly type: "set-viewport"; readonly viewport: Viewport }
  | { readonly type: "set-stage"; readonly stage: Pair }
  | { readonly type: "set-clip"; readonly clip: Clip }
  | { readonly type: "set-measured"; readonly measured: MeasuredRun | null }
  | { readonly type: "smart-started" }
  | { readonly type: "smart-answered"; readonly outline: readonly Pair[] }
  | { readonly type: "smart-failed"; readonly error: string }
  | { readonly type: "smart-accept" }
  | { readonly type: "smart-cancel" }
  | { readonly type: "notice"; readonly text: string; readonly kind: "note" | "error" }
  | { readonly type: "dismiss-notice" }
  /** The host gives another document (undo of the graph, load): history starts anew. */
  | { readonly type: "load"; readonly document: TrackDocument };

export interface Store {
  readonly state: () => EditorState;
  readonly dispatch: (action: Action) => void;
  /** Called after each change with the new and the previous state; returns what ends it. */
  readonly subscribe: (listener: (state: EditorState, previous: EditorState) => void) => () => void;
}

/** What is worked out of a document and a clip, each once and only when asked. */
export interface Derived {
  readonly tracks: BakedTracks | null;
  /** Why there are no tracks. */
  readonly error: string | null;
  readonly cells: CellEdit | null;
  readonly coverage: Coverage | null;
  readonly findings: readonly Finding[];
}

export interface SmartRequest {
  /** left, top, right, bottom in reference pixels; null with a click. */
  readonly box: Box | null;
  readonly click: Pair | null;
  readonly strokes: readonly { readonly keep: boolean; readonly points: readonly Pair[]; readonly radius: number }[];
}

export interface Picture {
  readonly url: string;
  /** Said beside the picture: where it comes from when that is a guess. */
  readonly note?: string;
}

/** What an editor is put into: a node of ComfyUI, its full-screen dialog, or the standalone page. */
export interface EditorHost {
  /** JSON text; "" = none yet. */
  readonly document: string;
  readonly picture: Picture | null;
  readonly clip: Clip;
  readonly size: "mini" | "full";
  readonly locale: string;
  /** One call a finished gesture. */
  readonly commit: (document: string) => void;
  readonly selectSmartly?: (request: SmartRequest, signal: AbortSignal) => Promise<readonly Pair[]>;
  /** Mini only: opens the same document full screen. */
  readonly enlarge?: () => void;
  /** Full only: Escape or the button. */
  readonly close?: () => void;
  /** Standalone only: the tracks as an npy file, made by Python. */
  readonly exportTracks?: () => Promise<void>;
  /** The clip is the editor's to change (the standalone page); elsewhere the node's inputs say. */
  readonly setClip?: (clip: Clip) => void;
  /** Opens another picture (the standalone page). */
  readonly openPicture?: () => void;
  /** What the last run achieved; left out where runs are never measured (the standalone page). */
  readonly measured?: MeasuredRun | null;
}

export interface MountedEditor {
  readonly store: Store;
  readonly setDocument: (text: string) => void;
  readonly setPicture: (picture: Picture | null) => void;
  readonly setClip: (clip: Clip) => void;
  readonly setMeasured: (measured: MeasuredRun | null) => void;
  /** Gives the stage the keys. */
  readonly focus: () => void;
  readonly dispose: () => void;
}

/** Everything that has to be undone when a view goes, in one place. */
export interface Lifetime {
  readonly listen: (
    target: EventTarget,
    type: string,
    listener: (event: Event) => void,
    options?: AddEventListenerOptions | boolean,
  ) => void;
  /** Asks for one frame; asked twice before it comes, it comes once. Returns the function that asks. */
  readonly onFrame: (draw: (now: number) => void) => () => void;
  readonly observeSize: (element: Element, listener: (width: number, height: number) => void) => void;
  /** Told after elements below one were put in, taken out, hidden, shown or disabled. */
  readonly observeTree: (element: Element, listener: () => void) => void;
  readonly later: (wait: number, run: () => void) => void;
  readonly also: (undo: () => void) => void;
  readonly dispose: () => void;
}

/** A part of the editor on the page. */
export interface View {
  readonly element: HTMLElement;
  readonly dispose: () => void;
}

export type Wording = Readonly<Record<string, string>>;
/** The text of a key with its placeholders filled in. */
export type Texts = (key: string, values?: Readonly<Record<string, string | number>>) => string;

/** What every part of the editor on the page is made with. */
export interface EditorContext {
  readonly store: Store;
  readonly host: EditorHost;
  readonly texts: Texts;
  readonly derive: (document: TrackDocument, clip: Clip) => Derived;
}
