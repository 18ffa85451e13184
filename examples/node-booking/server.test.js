// The seed incident against each mode, without doublebook: node --test
'use strict';
const assert = require('node:assert');
const fs = require('node:fs');
const http = require('node:http');
const net = require('node:net');
const os = require('node:os');
const path = require('node:path');
const test = require('node:test');
const { spawn } = require('node:child_process');

const listen = (server) => new Promise((done) => server.listen(0, '127.0.0.1', () => done(server.address().port)));

function call(port, method, where, body) {
  return new Promise((done, fail) => {
    const request = http.request({ port, method, path: where, host: '127.0.0.1', agent: false }, (response) => {
      let text = '';
      response.on('data', (more) => (text += more));
      response.on('end', () => done({ status: response.statusCode, body: JSON.parse(text || 'null') }));
    });
    request.on('error', fail);
    request.end(body && JSON.stringify(body));
  });
}

// A partner that books every create and never answers the first.
function makePartner() {
  const reservations = [];
  const server = http.createServer((request, response) => {
    let text = '';
    request.on('data', (more) => (text += more));
    request.on('end', () => {
      const answer = (status, body) => response.writeHead(status).end(JSON.stringify(body));
      if (request.method === 'GET') return answer(200, { reservations });
      const made = { id: `r${reservations.length + 1}`, state: 'confirmed', ...JSON.parse(text) };
      reservations.push(made);
      if (reservations.length > 1) answer(201, made);
    });
  });
  return { server, reservations };
}

async function freePort() {
  const server = net.createServer();
  const port = await listen(server);
  await new Promise((done) => server.close(done));
  return port;
}

// Asks again and again until the answer is as wanted; the runner's own timeout ends it.
async function until(port, where, isWanted) {
  for (;;) {
    const answer = await call(port, 'GET', where).catch(() => null);
    if (answer && isWanted(answer.body)) return answer.body;
    await new Promise((done) => setImmediate(done));
  }
}

async function play(mode, story) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'node-booking-'));
  const { server, reservations } = makePartner();
  const profile = { look_up: 'list-by-date', commit_within: '1m', visible_within: '0s', max_skew: '1m', doubt_limit: '30m' };
  const sells = { cruise: { slots: { evening: { starts: '2026-07-04T16:00:00Z' } } } };
  const lagoon = { address: `http://127.0.0.1:${await listen(server)}`, profile, sells };
  const port = await freePort();
  fs.writeFileSync(path.join(folder, 'partners'), JSON.stringify({ partners: { lagoon } }));
  const env = { MODE: mode, PORT: port, SCALE: 100, DATA: path.join(folder, 'orders'), PARTNERS: path.join(folder, 'partners') };
  const start = () => spawn(process.execPath, [path.join(__dirname, 'server.js')], { env, stdio: 'inherit' });
  let child = start();
  const restart = async () => {
    const gone = new Promise((done) => child.on('exit', done));
    child.kill('SIGKILL');
    await gone;
    child = start();
    await until(port, '/healthz', () => true);
  };
  try {
    await until(port, '/healthz', () => true);
    await story({ port, reservations, restart });
  } finally {
    child.kill('SIGKILL');
    server.close();
    server.closeAllConnections?.();
    fs.rmSync(folder, { recursive: true });
  }
}

const wish = { token: 'k-1', supplier: 'lagoon', item: 'cruise', session: 'evening', seats: 2, traveller: 'Ana' };

const book = async (port) => {
  const answer = await call(port, 'POST', '/api/v1/orders', wish);
  assert.strictEqual(answer.status, 202);
  return (await until(port, '/api/v1/orders/1', (body) => body.order.state === 'ok')).order;
};
const hook = (port, reservation) => call(port, 'POST', '/hooks/lagoon', { reservation });

test('careless books twice, and the callback that comes last wins', { timeout: 60_000 }, () =>
  play('careless', async ({ port, reservations }) => {
    await book(port);
    assert.strictEqual(reservations.length, 2);
    await hook(port, { ...reservations[0], state: 'pending' });
    assert.strictEqual((await call(port, 'GET', '/api/v1/orders/1')).body.order.state, 'processing');
  }));

test('careful books once, and a callback only makes it look', { timeout: 60_000 }, () =>
  play('careful', async ({ port, reservations }) => {
    const before = await book(port);
    assert.strictEqual(reservations.length, 1);
    await hook(port, { ...reservations[0], state: 'pending' });
    await until(port, '/healthz', (body) => body.busy === 0);
    assert.deepStrictEqual((await call(port, 'GET', '/api/v1/orders/1')).body.order, before);
  }));

test('a token stands for one order', { timeout: 60_000 }, () =>
  play('careful', async ({ port }) => {
    await book(port);
    assert.strictEqual((await call(port, 'POST', '/api/v1/orders', wish)).status, 200);
    assert.strictEqual((await call(port, 'POST', '/api/v1/orders', { ...wish, seats: 3 })).status, 422);
    assert.strictEqual((await call(port, 'GET', '/backoffice/orders')).body.items.length, 1);
  }));

test('careful goes on in doubt where it was killed', { timeout: 60_000 }, () =>
  play('careful', async ({ port, reservations, restart }) => {
    await call(port, 'POST', '/api/v1/orders', wish);
    await until(port, '/api/v1/orders/1', (body) => body.order.care !== 'new' && reservations.length === 1);
    await restart();
    await until(port, '/api/v1/orders/1', (body) => body.order.state === 'ok');
    assert.strictEqual(reservations.length, 1);
  }));
