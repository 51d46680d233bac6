module.exports = require('serverless-esbuild');
