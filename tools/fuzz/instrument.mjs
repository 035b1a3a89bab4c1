// A counter at every branch of the packages' sources, by which the search knows that an input has reached new code.
import { readFile } from 'node:fs/promises';
import { build, transform } from 'esbuild';
import ts from 'typescript';

import { root } from '../nx.mjs';

/** The name of the global array of counters. */
const COUNTERS = '__kiteBranches';

/**
 * A target and the mutator in one file, with the sources of the packages instrumented. The file exports `target` and `Mutator`.
 *
 * @param {string} file of the target
 * @param {string} outfile
 * @returns {Promise<{ branches: number, words: string[] }>} how many counters it needs, and the texts in the sources
 */
export async function bundleTarget(file, outfile) {
  let branches = 0;
  /** @type {Set<string>} */
  const words = new Set();
  await build({
    stdin: {
      contents: `export { target } from ${JSON.stringify(file)};
        export { Mutator } from ${JSON.stringify(`${root}/packages/testkit/src/mutator.ts`)};`,
      resolveDir: root,
      loader: 'ts',
    },
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@kite/source'],
    // The rest of the testkit runs in Vitest alone.
    external: ['vitest', 'fast-check', 'esbuild', 'ws'],
    banner: {
      js: `import { createRequire } from 'node:module'; const require = createRequire(${JSON.stringify(file)});`,
    },
    logLevel: 'error',
    plugins: [
      {
        name: 'counters',
        setup(bundler) {
          bundler.onLoad({ filter: /[\\/]packages[\\/][^\\/]+[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
            if (/[\\/]testkit[\\/]/.test(path)) return undefined;
            const { code } = await transform(await readFile(path, 'utf8'), {
              loader: 'ts',
              target: 'es2022',
            });
            const counted = withCounters(code, branches);
            branches = counted.branches;
            for (const word of counted.words) words.add(word);
            return { contents: counted.code, loader: 'js' };
          });
        },
      },
    ],
  });
  return { branches, words: [...words] };
}

/** @param {string} code JavaScript @param {number} first the number of its first counter */
function withCounters(code, first) {
  let branches = first;
  /** @type {string[]} */
  const words = [];
  const { factory } = ts;
  const source = ts.createSourceFile('module.js', code, ts.ScriptTarget.ES2022, true);

  const hit = () =>
    factory.createPostfixIncrement(
      factory.createElementAccessExpression(
        factory.createPropertyAccessExpression(factory.createIdentifier('globalThis'), COUNTERS),
        branches++,
      ),
    );
  const hitStatement = () => factory.createExpressionStatement(hit());
  const counted = (/** @type {ts.Expression} */ expression) =>
    factory.createParenthesizedExpression(factory.createComma(hit(), expression));
  /** @param {ts.Statement} statement */
  const block = (statement) =>
    factory.createBlock(
      [hitStatement(), ...(ts.isBlock(statement) ? statement.statements : [statement])],
      true,
    );

  const { transformed } = ts.transform(source, [
    (context) => (file) => /** @type {ts.SourceFile} */ (ts.visitNode(file, visitor(context))),
  ]);
  const printed = ts.createPrinter().printFile(/** @type {ts.SourceFile} */ (transformed[0]));
  return { code: printed, branches, words };

  /** @param {ts.TransformationContext} context @returns {ts.Visitor} */
  function visitor(context) {
    return function visit(node) {
      if (ts.isStringLiteralLike(node) && node.text.length > 1 && node.text.length <= 24)
        words.push(node.text);
      const inner = ts.visitEachChild(node, visit, context);
      if (ts.isIfStatement(inner))
        return factory.updateIfStatement(
          inner,
          inner.expression,
          block(inner.thenStatement),
          inner.elseStatement ? block(inner.elseStatement) : factory.createBlock([hitStatement()]),
        );
      if (ts.isConditionalExpression(inner))
        return factory.updateConditionalExpression(
          inner,
          inner.condition,
          inner.questionToken,
          counted(inner.whenTrue),
          inner.colonToken,
          counted(inner.whenFalse),
        );
      if (ts.isBinaryExpression(inner) && isShortCircuit(inner.operatorToken.kind))
        return factory.updateBinaryExpression(inner, inner.left, inner.operatorToken, counted(inner.right));
      if (ts.isCaseClause(inner))
        return factory.updateCaseClause(inner, inner.expression, [hitStatement(), ...inner.statements]);
      if (ts.isDefaultClause(inner))
        return factory.updateDefaultClause(inner, [hitStatement(), ...inner.statements]);
      if (ts.isForStatement(inner))
        return factory.updateForStatement(
          inner,
          inner.initializer,
          inner.condition,
          inner.incrementor,
          block(inner.statement),
        );
      if (ts.isForOfStatement(inner))
        return factory.updateForOfStatement(
          inner,
          inner.awaitModifier,
          inner.initializer,
          inner.expression,
          block(inner.statement),
        );
      if (ts.isWhileStatement(inner))
        return factory.updateWhileStatement(inner, inner.expression, block(inner.statement));
      return inner;
    };
  }
}

/** @param {ts.SyntaxKind} kind */
function isShortCircuit(kind) {
  return (
    kind === ts.SyntaxKind.AmpersandAmpersandToken ||
    kind === ts.SyntaxKind.BarBarToken ||
    kind === ts.SyntaxKind.QuestionQuestionToken
  );
}
