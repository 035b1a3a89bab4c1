export function chart(_json: string, _svg: string): void {}
