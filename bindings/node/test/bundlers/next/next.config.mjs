export default { serverExternalPackages: ['stytch-m2m'] };
