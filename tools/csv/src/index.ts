export { csv, type CsvOptions } from './csv.ts';
