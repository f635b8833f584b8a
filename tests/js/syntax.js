/** Reads a module's syntax with acorn: what it imports, which names it takes from outside, what it does on import. */

import { parse } from "acorn";

/** @typedef {Readonly<Record<string, unknown>> & { readonly type: string, readonly start: number }} Syntax */
/** @typedef {{ readonly name: string, readonly line: number, readonly onImport: boolean }} Use */

const FUNCTIONS = ["FunctionDeclaration", "FunctionExpression", "ArrowFunctionExpression"];
const SCOPES = [...FUNCTIONS, "BlockStatement", "ForStatement", "ForOfStatement", "ForInStatement", "CatchClause"];
const DECLARATIONS = ["FunctionDeclaration", "ClassDeclaration", "VariableDeclaration"];

/**
 * @param {string} source
 * @returns {Syntax} the Program
 */
export function readSyntax(source) {
  return asSyntax(parse(source, { ecmaVersion: 2024, sourceType: "module" }));
}

/**
 * All nodes, the given one first, each with whether it runs when the module is imported.
 *
 * @param {Syntax} node
 * @returns {Generator<{ node: Syntax, onImport: boolean }>}
 */
export function* walk(node, onImport = true) {
  yield { node, onImport };
  const inside = onImport && !FUNCTIONS.includes(node.type);
  for (const [, child] of children(node)) yield* walk(child, inside);
}

/**
 * What `import`, `export ... from` and `import()` name; "" for an `import()` of what is not a literal.
 *
 * @param {string} source
 * @returns {{ from: string, line: number }[]}
 */
export function importsOf(source) {
  const found = [];
  for (const { node } of walk(readSyntax(source))) {
    const named = node.type.startsWith("Export") || node.type.startsWith("Import") ? node.source : null;
    if (!isSyntax(named)) continue;
    found.push({ from: typeof named.value === "string" ? named.value : "", line: lineOf(source, node) });
  }
  return found;
}

/**
 * The names that a module uses and does not declare, `Math.random` with its object.
 *
 * @param {string} source
 * @returns {Use[]}
 */
export function freeNames(source) {
  /** @type {Use[]} */
  const found = [];
  /** @type {(node: Syntax, known: ReadonlySet<string>, onImport: boolean) => void} */
  const visit = (node, known, onImport) => {
    const names = SCOPES.includes(node.type) || node.type === "Program" ? new Set([...known, ...declaredIn(node)]) : known;
    const name = node.type === "Identifier" ? String(node.name) : dottedName(node);
    const bare = name.split(".")[0] ?? "";
    if (name && !names.has(bare)) found.push({ name, line: lineOf(source, node), onImport });
    const inside = onImport && !FUNCTIONS.includes(node.type);
    for (const [key, child] of children(node)) if (isUsed(node, key)) visit(child, names, inside);
  };
  visit(readSyntax(source), new Set(), true);
  return found;
}

/**
 * Names of methods that are called and of properties that are assigned to.
 *
 * @param {string} source
 * @returns {Use[]}
 */
export function touchedProperties(source) {
  const found = [];
  for (const { node, onImport } of walk(readSyntax(source))) {
    const member = node.type === "CallExpression" ? node.callee : node.type === "AssignmentExpression" ? node.left : null;
    if (!isSyntax(member) || member.type !== "MemberExpression" || !isSyntax(member.property)) continue;
    const name = member.property.name ?? member.property.value;
    found.push({ name: String(name), line: lineOf(source, node), onImport });
  }
  return found;
}

/**
 * Lines of statements at the top level that are neither imports nor declarations.
 *
 * @param {string} source
 * @returns {number[]}
 */
export function topLevelActs(source) {
  const program = readSyntax(source);
  const acts = listOf(program.body).filter((node) => !/^(Import|Export)/.test(node.type) && !DECLARATIONS.includes(node.type));
  return acts.map((node) => lineOf(source, node));
}

/**
 * @param {string} source
 * @param {Syntax} node
 */
function lineOf(source, node) {
  return source.slice(0, node.start).split("\n").length;
}

/** @param {Syntax} node */
function dottedName(node) {
  if (node.type !== "MemberExpression" || node.computed || !isSyntax(node.object) || !isSyntax(node.property)) return "";
  return node.object.type === "Identifier" ? `${node.object.name}.${node.property.name}` : "";
}

/**
 * Whether the child under this key of a node is an expression, a pattern or a statement, and no mere label.
 *
 * @param {Syntax} node
 * @param {string} key
 */
function isUsed(node, key) {
  if (["MemberExpression", "Property", "MethodDefinition", "PropertyDefinition"].includes(node.type)) {
    return !["property", "key"].includes(key) || node.computed === true;
  }
  if (["LabeledStatement", "BreakStatement", "ContinueStatement"].includes(node.type)) return key !== "label";
  if (node.type === "ExportSpecifier") return key === "local";
  return !["ImportDeclaration", "MetaProperty", "ExportAllDeclaration"].includes(node.type);
}

/**
 * Names declared directly in a scope; `var` counts for its block, which nobody here uses otherwise.
 *
 * @param {Syntax} scope
 * @returns {string[]}
 */
function declaredIn(scope) {
  const own = [...listOf(scope.params), ...listOf([scope.param, scope.id])].flatMap(patternNames);
  const statements = [...listOf(scope.body), ...listOf([scope.init, scope.left])];
  return [...own, ...statements.flatMap(declaredBy)];
}

/**
 * @param {Syntax} statement
 * @returns {string[]}
 */
function declaredBy(statement) {
  if (statement.type.startsWith("Export") && isSyntax(statement.declaration)) return declaredBy(statement.declaration);
  if (statement.type === "ImportDeclaration") return listOf(statement.specifiers).flatMap((each) => patternNames(each.local));
  if (statement.type === "VariableDeclaration") return listOf(statement.declarations).flatMap((each) => patternNames(each.id));
  return DECLARATIONS.includes(statement.type) ? patternNames(statement.id) : [];
}

/**
 * @param {unknown} pattern
 * @returns {string[]}
 */
function patternNames(pattern) {
  if (!isSyntax(pattern)) return [];
  if (pattern.type === "Identifier") return [String(pattern.name)];
  const parts = [...listOf(pattern.properties), ...listOf(pattern.elements), pattern.left, pattern.argument];
  return [...parts, pattern.type === "Property" ? pattern.value : null].flatMap(patternNames);
}

/**
 * @param {Syntax} node
 * @returns {[string, Syntax][]}
 */
function children(node) {
  return Object.entries(node).flatMap(([key, value]) =>
    listOf(Array.isArray(value) ? value : [value]).map((child) => /** @type {[string, Syntax]} */ ([key, child])),
  );
}

/**
 * @param {unknown} value
 * @returns {Syntax[]}
 */
function listOf(value) {
  return Array.isArray(value) ? value.filter(isSyntax) : [];
}

/**
 * @param {unknown} value
 * @returns {value is Syntax}
 */
function isSyntax(value) {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

/**
 * @param {unknown} value
 * @returns {Syntax}
 */
function asSyntax(value) {
  if (!isSyntax(value)) throw new TypeError("acorn gave something that is no syntax");
  return value;
}
