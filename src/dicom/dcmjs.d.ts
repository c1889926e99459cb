declare module 'dcmjs' {
  const dcmjs: { readonly log: { setLevel(level: 'silent' | 'error'): void } };
  export default dcmjs;
}
