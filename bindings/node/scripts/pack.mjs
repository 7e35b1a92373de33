// Packs what npm gets: the package, the emulator's, and of each of them one for each platform.
//
// `node scripts/pack.mjs OUT PLATFORM=FOLDER...`: the platform as in `linux-x64-gnu`, and the folder where the native
// module and the emulator for it lie as cargo names them. The TypeScript layer must have been compiled.

import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const LICENCES = ['LICENSE-APACHE', 'LICENSE-MIT'];
const root = fileURLToPath(new URL('..', import.meta.url));
const [target, ...platforms] = process.argv.slice(2);
if (!target || platforms.length === 0) throw new Error('node scripts/pack.mjs OUT PLATFORM=FOLDER...');
const out = resolve(target);

/** What each of the two packages is made of, and which file cargo's build left for a platform. */
const PACKAGES = [
  {
    source: root,
    parts: ['README.md', 'dist', 'native/index.js', 'native/index.d.ts'],
    built: /stytch_m2m_node\.(so|dylib|dll)$/,
    // As the loader names it.
    file: (platform) => `stytch-m2m.${platform}.node`,
  },
  {
    source: join(root, 'emulator'),
    parts: ['README.md', 'index.js', 'index.d.ts', 'bin.js'],
    built: /^stytch-m2m-emulator(\.exe)?$/,
    file: (platform) => `stytch-m2m-emulator${platform.startsWith('win32') ? '.exe' : ''}`,
  },
];

/** What npm compares with the machine that it installs on. */
function demands(platform) {
  const [os, cpu, abi] = platform.split('-');
  const libc = { gnu: 'glibc', musl: 'musl' }[abi];
  return { os: [os], cpu: [cpu], ...(libc && { libc: [libc] }) };
}

function write(folder, manifest) {
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const licence of LICENCES) copyFileSync(join(root, licence), join(folder, licence));
}

/** The package of one platform, in the folder `to`. */
function platformPackage({ built, file }, manifest, [platform, folder], to) {
  const [found, ...others] = readdirSync(folder).filter((name) => built.test(name));
  if (!found || others.length > 0) throw new Error(`${folder} must have one file like ${built}`);
  const name = file(platform);
  copyFileSync(join(folder, found), join(to, name));
  // What comes from another machine has lost it.
  chmodSync(join(to, name), 0o755);
  const { version, description, license, repository, engines } = manifest;
  const more = name.endsWith('.node') ? { main: name } : {};
  const own = { name: `${manifest.name}-${platform}`, version, description, license, repository, engines };
  write(to, { ...own, ...demands(platform), ...more, files: [name, ...LICENCES] });
}

function mainPackage({ source, parts }, manifest, to) {
  for (const part of parts) cpSync(join(source, part), join(to, part), { recursive: true });
  const { scripts: _, devDependencies: __, overrides: ___, ...kept } = manifest;
  const dependencies = platforms.map((given) => [`${manifest.name}-${given.split('=')[0]}`, manifest.version]);
  write(to, { ...kept, optionalDependencies: Object.fromEntries(dependencies) });
}

function pack(folder) {
  const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', out];
  const { status } = spawnSync('npm', args, { cwd: folder, stdio: 'inherit', shell: process.platform === 'win32' });
  if (status !== 0) throw new Error(`cannot pack ${folder}`);
}

mkdirSync(out, { recursive: true });
const work = mkdtempSync(join(tmpdir(), 'stytch-m2m-pack-'));
try {
  for (const made of PACKAGES) {
    const manifest = JSON.parse(readFileSync(join(made.source, 'package.json'), 'utf8'));
    const folder = (name) => {
      mkdirSync(join(work, name));
      return join(work, name);
    };
    for (const given of platforms) {
      const platform = given.split('=');
      const to = folder(`${manifest.name}-${platform[0]}`);
      platformPackage(made, manifest, platform, to);
      pack(to);
    }
    const main = folder(manifest.name);
    mainPackage(made, manifest, main);
    pack(main);
  }
} finally {
  rmSync(work, { recursive: true });
}
