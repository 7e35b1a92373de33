// The same for `import` as for `require`.
export * from './testing.js';
