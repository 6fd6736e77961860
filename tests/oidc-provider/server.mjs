// A strict OpenID provider for the stories: a public native client, PKCE required, refresh tokens that rotate and
// whose reuse ends the whole sign-in. The only argument is how many seconds access tokens live. Says where it is in
// one line of JSON. Listens on loopback only.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const server = createServer();
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const issuer = `http://127.0.0.1:${server.address().port}`;

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'attendant',
      client_name: 'Attendant',
      application_type: 'native', // any port on a loopback redirect (RFC 8252 §7.3)
      token_endpoint_auth_method: 'none',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      redirect_uris: ['http://127.0.0.1/callback', 'http://localhost/callback'],
    },
  ],
  pkce: { required: () => true },
  rotateRefreshToken: true,
  issueRefreshToken: async (_context, client) => client.grantTypeAllowed('refresh_token'),
  scopes: ['openid', 'profile', 'offline_access'],
  claims: { openid: ['sub'], profile: ['name'] },
  findAccount: async (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, name: `${id} of the second provider` }),
  }),
  cookies: { keys: ['stories only'] },
  features: {
    devInteractions: { enabled: true },
    revocation: { enabled: true },
    rpInitiatedLogout: { enabled: true },
  },
  ttl: { AccessToken: Number(process.argv[2] ?? 3600), RefreshToken: 86400, IdToken: 3600, Session: 3600, Grant: 86400, Interaction: 600 },
});

server.on('request', provider.callback());
process.stdout.write(`${JSON.stringify({ ready: true, issuer })}\n`);
process.on('SIGTERM', () => process.exit(0));
