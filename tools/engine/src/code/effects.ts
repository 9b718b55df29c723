import { isBuiltin } from 'node:module';
import { changesBy, isReflection } from './changed-values.ts';
import { changesOutside, namesWithin, type OutsideChanges } from './changes.ts';
import { changesGiven, isFresh } from './given.ts';
import { type FileCode, isFramework } from './definition-use.ts';
import { textIn } from './places.ts';
import { importsIn, SharedNames } from './shared-names.ts';
import { awaited, declarationIn, declaredBy, isIdle, sourceOf, subjectOf, withBlocks } from './statements.ts';
import type { Binding } from './module-shape.ts';
import {
  childrenOf,
  identifierIn,
  isFunction,
  isSyntax,
  propertyIn,
  rootOf,
  type Syntax,
  unwrapped,
  walk,
} from './syntax.ts';

/** What loading a file may change, besides what it declares. */
export interface Effects {
  /** Whether it changes something for sure, or may do so in a way that cannot be told. */
  readonly isCertain: boolean;
  /** Whether that may be a global, which all code shares. */
  readonly isGlobal: boolean;
  /** Functions of other files that it calls to declare what it does: they may change something in turn. */
  readonly calls: readonly Call[];
}

/** A function of another file that is called. */
export interface Call extends Binding {
  /** Whether it is given what others hold as well: then it may change that. */
  readonly isGivenShared: boolean;
  /** Whether it is only named, and may be no function at all. */
  readonly isNamed?: boolean;
  /** How the file asks for it, where that is not by `import`. */
  readonly kind?: 'import' | 'require';
}

const GLOBALS = new Set(['globalThis', 'global', 'process']);

/** What a module gives to those that load it: it counts where the module does. */
const OWN_EXPORTS = new Set(['module', 'exports']);

/**
 * What loading a file does besides to declare. A call whose result is kept in a variable is believed to change nothing where
 * it calls an installed package; what it calls in the workspace is named, to be looked at.
 */
export function effectsOf(file: FileCode): Effects {
  const reader = new EffectsReader(file);
  for (const statement of file.statements) reader.statement(statement);
  return reader;
}

class EffectsReader implements Effects {
  readonly calls: Call[] = [];
  isCertain = false;
  isGlobal = false;
  readonly #file: FileCode;
  /** What the file declares at its top, with what each begins as. */
  readonly #own: ReadonlyMap<string, Syntax>;
  readonly #called = new Set<string>();
  readonly #given = new Set<Syntax>();
  #known: { readonly shared: SharedNames; readonly outside: OutsideChanges } | undefined;

  constructor(file: FileCode) {
    this.#file = file;
    this.#own = new Map(file.statements.flatMap(withBlocks).flatMap(declaredBy));
  }

  /** What of the file goes by which name, asked where something in it runs. */
  get #names() {
    const { statements } = this.#file;
    const held = [...this.#own].filter(([, begin]) => !isFunction(begin) && !this.#isFresh(begin));
    this.#known ??= {
      shared: new SharedNames(statements, new Map(held).keys(), { imports: importsIn(statements) }),
      outside: changesOutside(statements),
    };
    return this.#known;
  }

  statement(statement: Syntax): void {
    if (statement.type.startsWith('TS') || statement.type === 'ImportDeclaration') return;
    const node = declarationIn(statement);
    if (!node || isFunction(node)) return;
    this.#visit(node);
  }

  /** A line that keeps nothing of what it computes: it is there for what it does. */
  #line(expression: unknown): void {
    if (isIdle(expression)) return;
    const subject = subjectOf(expression);
    const root = sourceOf(subject);
    // A line for whoever develops changes nothing that data is made from; of `Object` and `Reflect` the call says what changes.
    const isCall = awaited(expression)?.type === 'CallExpression';
    const receiver =
      isCall && isSyntax(subject) && subject.type === 'MemberExpression' ? subject.object : null;
    const isSaid = root === 'console' || (isCall && isReflection(root)) || this.#isFresh(receiver);
    if (!isSaid) this.#effect(root, isCall);
  }

  /** A change of what has this name; `null` for what has none. A call of a function that all have need not change a global. */
  #effect(root: string | null, isCall = false): void {
    if (root !== null && OWN_EXPORTS.has(root)) return;
    const own = root === null ? undefined : this.#own.get(root);
    // What the file made itself, and of nothing that others hold, counts where the file does.
    if (own && this.#isFresh(own)) return;
    this.isCertain = true;
    if (root === null || GLOBALS.has(root)) this.isGlobal = true;
    else if (!own) {
      const binding = this.#file.locals.get(root);
      this.isGlobal ||= binding
        ? isBuiltin(binding.from)
        : !isCall && !namesWithin(this.#file.statements).has(root);
    }
  }

  /** Looks at what is computed as the file loads. Functions are not entered: they only run when somebody calls them. */
  #visit(node: Syntax): void {
    if (isFunction(node)) return;
    for (const { kind, of } of changesBy(node)) {
      const root = sourceOf(of);
      if (kind !== 'call') this.#effect(root);
      else if (this.#names.shared.isShared(of)) this.#effect(root, true);
      else if (isReflection(rootOf(node.callee)) && !this.#isFresh(of)) this.#effect(root);
    }
    switch (node.type) {
      case 'ExpressionStatement':
        this.#line(node.expression);
        break;
      case 'ImportExpression':
        this.isCertain = true; // what is called of it has no name here
        break;
      case 'CallExpression':
      case 'NewExpression':
      case 'TaggedTemplateExpression':
        this.#call(unwrapped(node.callee ?? node.tag), node);
        break;
    }
    for (const child of childrenOf(node)) this.#visit(child);
  }

  #call(callee: Syntax | null, { arguments: args }: Syntax): void {
    const given = (args ?? []) as readonly unknown[];
    const root = rootOf(callee);
    const own = root === null ? undefined : this.#own.get(root);
    const binding = root === null ? undefined : this.#file.locals.get(root);
    const method = callee?.type === 'MemberExpression' ? propertyIn(callee) : null;
    const isGivenShared = given.some((one) => isSyntax(one) && !isFunction(one) && !this.#isFresh(one));
    if (binding) this.#callOf(binding, isGivenShared);
    else if (own && isFunction(own)) {
      if (isGivenShared) this.#give(own);
      this.#callOwn(root ?? '', own);
    } else if (own && (own.type === 'ClassDeclaration' || method !== null)) {
      if (isGivenShared) this.#give(own);
      this.#runs(own);
    } else if (callee && (isFunction(callee) || callee.type === 'ClassExpression')) this.#runs(callee);
    const made = root === null ? callee : own;
    if (made && !isFunction(made)) this.#callNamed(made, isGivenShared);
    const isUnknown = callee?.type === 'Identifier' && !own && !binding && !RUNS_GIVEN.has(root ?? '');
    if (!isKept(binding) && !isUnknown) this.#callbacks(callee, given);
  }

  /** What is called by a name that was made of other names: `const again = setup`, `const { setup } = tools`. */
  #callNamed(begin: Syntax, isGivenShared: boolean): void {
    if (begin.type === 'ClassDeclaration' || this.#given.has(begin)) return;
    this.#given.add(begin);
    for (const node of walk(begin)) {
      const name = identifierIn(node);
      if (name !== null) this.#named(name, isGivenShared);
      const from = this.#requiredBy(node);
      if (from !== null) this.calls.push({ from, name: '*', isGivenShared, kind: 'require' });
    }
  }

  /** What `require`, or what `createRequire` gave, is asked for. */
  #requiredBy(node: Syntax): string | null {
    if (node.type !== 'CallExpression') return null;
    const name = identifierIn(node.callee);
    const maker = unwrapped(this.#own.get(name ?? '')?.callee);
    const isMade = maker !== null && (propertyIn(maker) ?? identifierIn(maker)) === 'createRequire';
    return name === 'require' || isMade ? textIn((node.arguments as readonly unknown[])[0]) : null;
  }

  /** A name that stands for a function, or for something that has some. */
  #named(name: string, isGivenShared: boolean): void {
    const binding = this.#file.locals.get(name);
    const own = this.#own.get(name);
    if (binding && !isFramework(binding.from)) this.calls.push({ ...binding, isGivenShared, isNamed: true });
    if (!own) return;
    if (isGivenShared) this.#give(own);
    if (isFunction(own)) this.#callOwn(name, own);
    else this.#callNamed(own, isGivenShared);
  }

  /** What a function or a class of this file does to what it is given. */
  #give(own: Syntax): void {
    if (this.#given.has(own)) return;
    this.#given.add(own);
    const { isChanged, handedTo } = changesGiven([own]);
    if (isChanged) this.isCertain = true;
    for (const name of handedTo) {
      const binding = this.#file.locals.get(name);
      if (binding) this.#callOf(binding, true);
      const other = this.#own.get(name);
      if (other) this.#give(other);
    }
  }

  /** Functions that a call is given may run at once. */
  #callbacks(callee: Syntax | null, given: readonly unknown[]): void {
    const receiver = callee?.type === 'MemberExpression' ? callee : null;
    const isOfShared = receiver !== null && !this.#isFresh(receiver.object);
    // Functions in a list, which another calls one by one.
    const list = given.length > 0 ? unwrapped(receiver?.object) : null;
    if (list?.type === 'ArrayExpression') this.#callNamed(list, false);
    for (const one of given) {
      const body = unwrapped(one);
      const name = identifierIn(body);
      if (name !== null) this.#named(name, isOfShared);
      if (!body || !isFunction(body)) continue;
      // What it collects in is made for the call.
      const isCollecting = receiver !== null && propertyIn(receiver) === 'reduce';
      if (isOfShared && !isCollecting) this.#give(body);
      this.#runs(body);
    }
  }

  /** What functions in here change besides what they declare themselves. */
  #runs(body: Syntax): void {
    const inner = namesWithin([body]);
    for (const node of walk(body)) {
      for (const { kind, of } of changesBy(node)) {
        const root = sourceOf(of);
        if (root !== null && !inner.has(root))
          this.#effect(root, kind === 'call' && !isReflection(rootOf(node.callee)));
        else if (kind !== 'variable' && this.#names.shared.isShared(of)) this.isCertain = true;
      }
      if (node.type === 'ClassDeclaration' && isSyntax(node.superClass)) {
        const above = rootOf(node.superClass) ?? '';
        const binding = this.#file.locals.get(above);
        const own = this.#own.get(above);
        if (binding) this.#callOf(binding, false);
        if (own && own !== body) this.#runs(own);
      }
      if (node.type !== 'CallExpression') continue;
      const root = rootOf(unwrapped(node.callee));
      const binding = root === null || inner.has(root) ? undefined : this.#file.locals.get(root);
      if (binding) this.#callOf(binding, true);
      const own = root === null || inner.has(root) ? undefined : this.#own.get(root);
      if (own && isFunction(own)) this.#callOwn(root ?? '', own);
    }
  }

  #callOf(binding: Binding, isGivenShared: boolean): void {
    if (!isFramework(binding.from)) this.calls.push({ ...binding, isGivenShared });
  }

  /** What this file declares and that runs: it may change what outlives it, or call what others declare. */
  #callOwn(name: string, body: Syntax): void {
    if (this.#called.has(name)) return;
    this.#called.add(name);
    const { isSure, handedTo } = this.#names.outside;
    if (isSure) this.#effect(name);
    for (const node of walk(body)) {
      const used = identifierIn(node) ?? '';
      const binding = this.#file.locals.get(used);
      if (binding) this.#callOf(binding, handedTo.has(used));
      const other = this.#own.get(used);
      if (other && isFunction(other)) this.#callOwn(used, other);
    }
  }

  /** Whether a value was made by this file, of nothing that others hold. */
  #isFresh(node: unknown, seen: ReadonlySet<string> = new Set()): boolean {
    return isFresh(node, (name) => {
      const own = this.#own.get(name);
      if (own === undefined || seen.has(name)) return own !== undefined;
      return isFunction(own) || this.#isFresh(own, new Set([...seen, name]));
    });
  }
}

/** Whether what is called keeps the functions that it is given for later: the framework does, and packages are believed to. */
const isKept = (binding: Binding | undefined): boolean =>
  binding !== undefined &&
  !/^[.#]/.test(binding.from) &&
  !(isFramework(binding.from) && binding.name === 'assets');

/** Functions of the language that run what they are given, now or soon. */
const RUNS_GIVEN = new Set(['Promise', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask']);
