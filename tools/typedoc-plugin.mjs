// For typedoc: each package is one module of the site, under its npm name and with its README, so that a link to the
// README leads to the module; the guides are those that the README lists, in its order and under its headings, each under
// its own title; links to sources lead to the repository, and links to the README to a page; everything that has a name has a text; and no link of the finished
// site is broken.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Application,
  Comment,
  CommentTag,
  Converter,
  IndexEvent,
  MinimalSourceFile,
  PageEvent,
  ReflectionKind,
  Renderer,
} from 'typedoc';

import { guideGroups } from './guide-groups.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The heading of the packages beside those of the guides. */
const PACKAGES = 'Packages';
/** Who searches for a word wants the guide about it first; who searches for a name, what has that name. */
const GUIDES_FIRST = 130;
/** What a word in a heading counts for in a search, where one in a text is 1 and one in a name 10. */
const HEADING_WEIGHT = 10;

/** @param {import('typedoc').Application} app */
export function load(app) {
  const groups = guideGroups(root);
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    const kinds = /** @type {string[]} */ (app.options.getValue('groupOrder'));
    app.options.setValue('groupOrder', [...groups.map(({ title }) => title), PACKAGES, ...kinds]);
    app.options.setValue(
      'projectDocuments',
      groups.flatMap(({ pages }) => pages.map((page) => path.join(root, page))),
    );
  });
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const { project } = context;
    for (const module of project.getChildrenByKind(ReflectionKind.Module)) describe(module, context);
    withoutHeading(project.readme);
    const template = app.options.getValue('sourceLinkTemplate').replace(/#.*/, '');
    for (const page of [project, ...(project.documents ?? [])])
      linkSources('content' in page ? page.content : page.readme, project.files, template);
    for (const guide of project.documents ?? []) {
      const text = guide.content.map((part) => part.text).join('');
      guide.name = /^# (.+)$/m.exec(text)?.[1] ?? guide.name;
      const file = path.relative(root, project.files.getReflectionPath(guide) ?? '');
      guide.frontmatter['group'] = groups.find(({ pages }) => pages.includes(file))?.title;
      guide.relevanceBoost = GUIDES_FIRST;
    }
    nameSources(project, app.options.getValue('sourceLinkTemplate'));
  });
  // When they have been put into their group, the tag has done its work, and would be shown.
  app.converter.on(
    Converter.EVENT_RESOLVE_END,
    ({ project }) => {
      for (const module of project.getChildrenByKind(ReflectionKind.Module))
        module.comment?.removeTags('@group');
    },
    -1000,
  );
  app.on(Application.EVENT_VALIDATE_PROJECT, (project) => {
    for (const name of withoutText(project))
      app.logger.validationWarning(/** @type {never} */ (`${name}: there is no text`));
  });
  app.renderer.on(IndexEvent.PREPARE_INDEX, (event) => {
    event.searchFieldWeights['headings'] = HEADING_WEIGHT;
    for (const [index, one] of event.searchResults.entries()) {
      const parts = one.isDocument() ? one.content : 'readme' in one ? (one.readme ?? []) : [];
      const text = parts.map((part) => part.text).join('');
      const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
      event.searchFields[index] = { ...event.searchFields[index], headings: headings.join('\n') };
    }
  });
  // A link to the README leads to a folder, which only a server answers with its index.
  app.renderer.on(PageEvent.END, (page) => {
    page.contents = (page.contents ?? '').replaceAll(/(href="(?:\.\.\/)+)(#|")/g, '$1index.html$2');
  });
  app.renderer.on(Renderer.EVENT_END, ({ outputDirectory }) => {
    for (const problem of brokenLinks(outputDirectory)) app.logger.error(/** @type {never} */ (problem));
  });
}

/** @param {import('typedoc').DeclarationReflection} module @param {import('typedoc').Context} context */
function describe(module, context) {
  const { project, converter } = context;
  const source = context.getSymbolFromReflection(module)?.declarations?.[0]?.getSourceFile().fileName;
  if (source === undefined) throw new Error(`${module.name}: no source file`);
  const folder = path.resolve(path.dirname(source), '..');
  module.name = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).name;
  module.comment ??= new Comment();
  module.comment.blockTags.push(new CommentTag('@group', [{ kind: 'text', text: PACKAGES }]));

  const readme = path.join(folder, 'README.md');
  const file = new MinimalSourceFile(readFileSync(readme, 'utf8'), /** @type {never} */ (readme));
  module.readme = converter.parseRawComment(file, project.files).content;
  withoutHeading(module.readme);
  project.files.registerReflectionPath(/** @type {never} */ (readme), module);
  project.files.registerReflectionPath(/** @type {never} */ (folder), module);
}

/**
 * A source is named from the repository's root. What is inherited from Node or from the language has its source in
 * `node_modules`, which the repository does not have.
 *
 * @param {import('typedoc').ProjectReflection} project
 * @param {string} template
 */
function nameSources({ reflections }, template) {
  for (const one of Object.values(reflections)) {
    if (!one.isDeclaration() && !one.isSignature()) continue;
    const own = one.sources?.filter(({ fullFileName }) => !fullFileName.includes('/node_modules/')) ?? [];
    for (const source of own) {
      source.fileName = /** @type {never} */ (
        path.relative(root, source.fullFileName).split(path.sep).join('/')
      );
      source.url = template.replace('{path}', source.fileName).replace('{line}', String(source.line));
    }
    if (own.length > 0) one.sources = own;
    else delete one.sources;
  }
}

/** A page has its title already. @param {import('typedoc').CommentDisplayPart[] | undefined} readme */
function withoutHeading(readme) {
  const [first] = readme ?? [];
  if (first?.kind === 'text') first.text = first.text.replace(/^# .+\n/, '');
}

/**
 * A link to a source leads to the repository: as a file of the site it would be downloaded rather than shown.
 *
 * @param {import('typedoc').CommentDisplayPart[] | undefined} parts
 * @param {import('typedoc').FileRegistry} files
 * @param {string} template
 */
function linkSources(parts, files, template) {
  for (const part of parts ?? []) {
    if (part.kind !== 'relative-link' || typeof part.target !== 'number') continue;
    const file = files.resolvePath(part.target);
    if (file === undefined || !/\.m?[jt]s$/.test(file)) continue;
    part.text = template.replace('{path}', path.relative(root, file).split(path.sep).join('/'));
    part.target = undefined;
  }
}

const NAMED =
  ReflectionKind.SomeExport | ReflectionKind.Property | ReflectionKind.Method | ReflectionKind.Accessor;

/**
 * What is exported, and its members, without a comment. typedoc's own `notDocumented` asks for one also where name and type
 * say all: at a literal (`mode: 'ltp'`), and at every place of every object type, such as each field of the wire's layout.
 *
 * @param {import('typedoc').ProjectReflection} project
 */
function* withoutText(project) {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    /** @type {import('typedoc').DeclarationReflection[]} */
    const open = [...(module.children ?? [])];
    for (const one of open) {
      const commented = [one, ...(one.signatures ?? []), ...(one.getSignature ? [one.getSignature] : [])];
      const type = one.type ?? one.getSignature?.type;
      // What a code means stands in the guide to errors, under its name.
      const isErrorCode = one.parent?.name === 'KiteErrorCodes';
      const isNeeded = one.kindOf(NAMED) && !one.flags.isExternal && !isErrorCode && type?.type !== 'literal';
      if (isNeeded && !commented.some((reflection) => reflection.hasComment()))
        yield one.getFriendlyFullName();
      open.push(...(one.children ?? []));
    }
  }
}

/** Links to pages and headings that the site does not have. @param {string} site */
function brokenLinks(site) {
  const names = readdirSync(site, { recursive: true, encoding: 'utf8' });
  const files = new Set(names.map((name) => name.split(path.sep).join('/')));
  /** @type {Map<string, { ids: Set<string>, links: string[] }>} */
  const pages = new Map();
  for (const name of files) {
    if (!name.endsWith('.html')) continue;
    const html = readFileSync(path.join(site, name), 'utf8');
    pages.set(name, {
      ids: new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => id)),
      links: [...html.matchAll(/<(?:a\s[^>]*href|img\s[^>]*src)="([^"]+)"/g)].map(([, link = '']) => link),
    });
  }
  /** @type {Set<string>} */
  const broken = new Set();
  for (const [name, { links }] of pages) {
    for (const link of links) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(link)) continue;
      const [file = '', anchor] = decodeURI(link.replaceAll('&amp;', '&')).split('#', 2);
      const target = file === '' ? name : path.posix.join(path.posix.dirname(name), file);
      if (!files.has(target)) broken.add(`${name}: ${link}: there is no such page`);
      else if (anchor && pages.has(target) && !pages.get(target)?.ids.has(anchor))
        broken.add(`${name}: ${link}: there is no such heading`);
    }
  }
  return broken;
}
