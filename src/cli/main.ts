console.error('diffcode-node: no command yet');
process.exitCode = 2;
