// The console's build. `npm run dev` serves the sources and passes /api on to a pixeld on this machine.
import { defineConfig } from 'vite';

export default defineConfig({
  base: '/',
  build: {
    outDir: 'dist',
    target: 'es2022',
    // One script and one style sheet: all of it is needed soon, and the names must not change with each build.
    rollupOptions: {
      output: {
        entryFileNames: 'assets/console.js',
        chunkFileNames: 'assets/[name].js',
        assetFileNames: 'assets/console[extname]',
      },
    },
    modulePreload: { polyfill: false },
    // The page's policy allows no data: fonts or scripts.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8081' } },
});
