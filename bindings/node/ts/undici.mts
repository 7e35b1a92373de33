// The same for `import` as for `require`.
export * from './undici.js';
