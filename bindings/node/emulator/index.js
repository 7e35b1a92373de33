// Where the program for this platform is: npm has installed the package that contains it, and no other.
'use strict';

const suffix = process.platform === 'win32' ? '.exe' : '';

/** The platform as the packages are named: `linux-x64-gnu`. */
function platform() {
  const { platform, arch } = process;
  const abi = { linux: () => `-${libc()}`, win32: () => '-msvc' }[platform];
  return `${platform}-${arch}${abi ? abi() : ''}`;
}

function libc() {
  const { report } = process;
  // A report looks up the names of the process's connections, which takes time.
  const { excludeNetwork } = report;
  report.excludeNetwork = true;
  const { glibcVersionRuntime } = report.getReport().header;
  report.excludeNetwork = excludeNetwork;
  return glibcVersionRuntime ? 'gnu' : 'musl';
}

function find() {
  const name = `stytch-m2m-emulator-${platform()}`;
  try {
    return require.resolve(`${name}/stytch-m2m-emulator${suffix}`);
  } catch {
    throw new Error(
      `the package ${name} is not installed: npm installs it with stytch-m2m-emulator, unless optional dependencies are ` +
        'left out, or there is none for this platform (then: `cargo install stytch-m2m-emulator`)',
    );
  }
}

module.exports = { program: find() };
