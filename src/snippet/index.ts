import { install } from './tracker.ts';

install(window);
