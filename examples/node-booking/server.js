// A small booking service of its own make, to be put on trial by doublebook. It takes orders over
// HTTP, stores them, and lets a job per order speak to the partner ("supplier").
//
// MODE=careless makes the mistakes many services ship with, MODE=careful does not. The two differ
// only in the places marked [1] to [5].
//
//   PORT       where to listen, on 127.0.0.1
//   DATA       a file for the orders
//   PARTNERS   a JSON file: {"partners": {NAME: {"address", "profile": {...}, "sells": {...}}}}
//   SCALE      how many times faster than real its waits are (1)
'use strict';
const fs = require('node:fs');
const http = require('node:http');
const { randomUUID } = require('node:crypto');

const CAREFUL = process.env.MODE !== 'careless';
const SCALE = Number(process.env.SCALE || 1);
const DATA = process.env.DATA;
const partners = JSON.parse(fs.readFileSync(process.env.PARTNERS, 'utf8')).partners;

const CREATE_TIMEOUT = 10_000; // milliseconds, as all durations here
const TIMEOUT = 5_000;
const RETRY_AFTER = 5_000;
const CREATES_MAX = 3;
const CANCELS_MAX = 5;
const LOOKS_MAX = 8;

const sleep = (ms) => new Promise((done) => setTimeout(done, ms / SCALE));
const now = () => Date.now() * SCALE;
const UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const duration = (text) =>
  [...text.matchAll(/(\d+)(ms|s|m|h|d)/g)].reduce((sum, [, n, unit]) => sum + n * UNIT[unit], 0);

// ---- orders ----

const store = fs.existsSync(DATA) ? JSON.parse(fs.readFileSync(DATA, 'utf8')) : { orders: [] };
const orders = store.orders;

function save() {
  const file = fs.openSync(DATA + '.new', 'w');
  fs.writeSync(file, JSON.stringify(store));
  fs.fsyncSync(file);
  fs.closeSync(file);
  fs.renameSync(DATA + '.new', DATA);
}

// state: open processing ok gone refused. care, how it stands with the partner: new asking unsure
// waiting none clerk (a person must look).
const THEIRS = { pending: 'processing', confirmed: 'ok', rejected: 'refused', cancelled: 'gone' };
const MOVES = { open: ['processing', 'ok', 'refused', 'gone'], processing: ['ok', 'refused', 'gone'], ok: ['gone'] };

function change(order, what) {
  const next = { ...what };
  // [1] Careless: whatever comes last is true. Careful: a state moves forward only.
  if (CAREFUL && next.state && !MOVES[order.state]?.includes(next.state)) delete next.state;
  const isSeen = ['state', 'care'].some((key) => next[key] !== undefined && next[key] !== order[key]);
  Object.assign(order, next);
  if (isSeen) order.rev++;
  save();
}

function take(order, reservation) {
  const state = THEIRS[reservation.state];
  change(order, { state, reservation: reservation.id, care: state === 'processing' ? 'waiting' : 'none' });
}

// ---- partners ----

// One request on a connection of its own; {status, body}, or null where no whole answer came.
function ask(supplier, method, path, body, timeout = TIMEOUT) {
  return new Promise((done) => {
    const headers = body ? { 'Content-Type': 'application/json' } : {};
    const signal = AbortSignal.timeout(Math.ceil(timeout / SCALE));
    const request = http.request(partners[supplier].address + path, { method, headers, agent: false, signal });
    request.on('error', () => done(null));
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (more) => (text += more));
      response.on('error', () => done(null));
      response.on('close', () => {
        try {
          done(response.complete ? { status: response.statusCode, body: JSON.parse(text) } : null);
        } catch {
          done(null);
        }
      });
    });
    request.end(body && JSON.stringify(body));
  });
}

async function create(order) {
  // [2] Careless: a new reference for each try. Careful: always the same.
  const reference = CAREFUL ? `order-${order.number}` : randomUUID();
  order.references.push(reference);
  change(order, { care: 'asking', sentAt: now(), creates: order.creates + 1 });
  const { item: product, session: slot, seats: units } = order;
  const body = { reference, guest: { name: order.traveller }, product, slot, units };
  const answer = await ask(order.supplier, 'POST', '/reservations', body, CREATE_TIMEOUT);
  if (answer && answer.status < 300) return take(order, answer.body);
  if (answer && answer.status < 500 && answer.body.error !== 'duplicate-reference')
    return change(order, { state: 'refused', care: 'none' });
  // [3] Careless: no answer is a failure, so it is tried again. Careful: it is a doubt.
  if (CAREFUL) change(order, { care: 'unsure' });
  else await sleep(1000);
}

// All reservations under our reference, or null: not known.
async function find(order) {
  const { profile, sells } = partners[order.supplier];
  const day = sells[order.item]?.slots?.[order.session]?.starts.slice(0, 10);
  const query = profile.look_up === 'by-reference' ? `reference=${order.references[0]}` : `date=${day}`;
  const isOffered = profile.look_up !== 'none';
  if (!isOffered && !order.reservation) return null;
  const path = isOffered ? `?${query}` : `/${order.reservation}`;
  const answer = await ask(order.supplier, 'GET', `/reservations${path}`);
  if (answer?.status !== 200) return null;
  const list = answer.body.reservations || [answer.body];
  return list.filter((one) => one.reference === order.references[0]);
}

const isLive = (reservation) => reservation.state === 'pending' || reservation.state === 'confirmed';

// Asks what the partner has; true: a doubt has ended. Reservations too many are cancelled. Nothing
// there proves something only when no create can be on its way any more.
async function lookUp(order) {
  const { commit_within, visible_within, max_skew, doubt_limit } = partners[order.supplier].profile;
  const late = [commit_within, visible_within, max_skew].map(duration).reduce((sum, ms) => sum + ms);
  const askedAt = now();
  const answer = await find(order);
  const found = answer || [];
  const live = found.filter(isLive);
  const isOurs = (one) => one.id === order.reservation;
  const ours = live.find(isOurs) || live[0] || found.find(isOurs) || found[0];
  for (const extra of live.filter((one) => one !== ours))
    await ask(order.supplier, 'POST', `/reservations/${extra.id}/cancel`, {});
  if (ours) take(order, ours);
  else if (order.state !== 'open') return false;
  else if (answer && askedAt > order.sentAt + late) change(order, { care: 'new', sentAt: 0 });
  else if (askedAt > order.sentAt + duration(doubt_limit)) change(order, { care: 'clerk' });
  else return false;
  return true;
}

// ---- jobs: one at a time for each order ----

const queues = new Map();
let busy = 0;

function job(order, work) {
  busy++;
  const turn = (queues.get(order.number) || Promise.resolve()).then(() => work(order));
  queues.set(order.number, turn.catch((error) => console.error(error)).finally(() => busy--));
}

async function arrange(order) {
  while (order.state === 'open' && order.care !== 'clerk') {
    if (CAREFUL && order.sentAt) (await lookUp(order)) || (await sleep(RETRY_AFTER));
    else if (order.creates < CREATES_MAX) await create(order);
    else change(order, CAREFUL ? { care: 'clerk' } : { state: 'refused', care: 'none' });
  }
  if (CAREFUL) await follow(order);
}

// Looks until the partner has decided, ever more rarely.
async function follow(order) {
  for (let nth = 0; order.state === 'processing' && order.care !== 'clerk'; nth++) {
    if (nth === LOOKS_MAX) return change(order, { care: 'clerk' });
    await sleep(RETRY_AFTER * 2 ** nth);
    await lookUp(order);
  }
}

async function cancel(order) {
  for (let nth = 0; nth < CANCELS_MAX && order.reservation && order.state !== 'gone'; nth++) {
    if (nth) await sleep(RETRY_AFTER);
    await ask(order.supplier, 'POST', `/reservations/${order.reservation}/cancel`, {});
    // [4] Careless: asked is done. Careful: done is what the partner has when it is asked again.
    if (!CAREFUL) return change(order, { state: 'gone', care: 'none' });
    await lookUp(order);
  }
  if (order.state !== 'gone' && order.state !== 'refused') change(order, { care: 'clerk' });
}

// ---- HTTP ----

const shown = ({ number, state, care, rev, supplier, item, session, seats, traveller }) =>
  ({ number, state, care, rev, supplier, item, session, seats, traveller });

function book(request) {
  const { token, ...wish } = request;
  const before = orders.find((order) => order.token === token);
  if (!token || !Object.hasOwn(partners, wish.supplier)) return [400, { problem: 'a token and a known supplier, please' }];
  if (before && before.wish !== JSON.stringify(wish)) return [422, { problem: 'this token was used' }];
  if (before) return [200, { order: shown(before) }];
  const order = { number: orders.length + 1, token, wish: JSON.stringify(wish), ...wish };
  Object.assign(order, { state: 'open', care: 'new', rev: 1, references: [], creates: 0, sentAt: 0 });
  orders.push(order);
  save();
  job(order, arrange);
  return [202, { order: shown(order) }];
}

function hook(supplier, body) {
  const told = body.reservation || {};
  const isTold = (order) => order.reservation === told.id || order.references.includes(told.reference);
  const order = orders.find((one) => one.supplier === supplier && isTold(one));
  if (!order) return [404, { problem: 'no such order' }];
  // [5] Careless: the last callback wins. Careful: it only says that it is time to look.
  if (CAREFUL) job(order, (one) => lookUp(one));
  else take(order, told);
  return [200, {}];
}

function route(method, path, body) {
  const parts = path.split('/').map(decodeURIComponent);
  const order = orders[Number(parts.at(-1)) - 1];
  const where = `${method} ${path.replace(/\/\d+$/, '/N')}`;
  if (where === 'GET /healthz') return [200, { busy }];
  if (where === 'POST /api/v1/orders') return book(body);
  if (where === 'GET /backoffice/orders') return [200, { items: orders.map(shown) }];
  if (method === 'POST' && parts[1] === 'hooks') return hook(parts[2], body);
  if (!order) return [404, { problem: 'there is nothing here' }];
  if (where === 'GET /api/v1/orders/N') return [200, { order: shown(order) }];
  if (where === 'GET /backoffice/orders/N') return [200, { order: { ...order, wish: undefined } }];
  if (where !== 'DELETE /api/v1/orders/N') return [405, { problem: 'not like this' }];
  if (order.state === 'refused') return [409, { problem: 'there is nothing to cancel' }];
  if (order.state !== 'gone' && !order.isUnwanted) {
    change(order, { care: 'asking', isUnwanted: true });
    job(order, cancel);
  }
  return [202, { order: shown(order) }];
}

const server = http.createServer((request, response) => {
  let text = '';
  request.setEncoding('utf8');
  request.on('data', (more) => (text += more).length > 65536 && request.destroy());
  request.on('end', () => {
    let answer = [400, { problem: 'this cannot be read' }];
    try {
      answer = route(request.method, request.url, text ? JSON.parse(text) : {});
    } catch (error) {
      console.error(error.message);
    }
    response.writeHead(answer[0], { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(answer[1]));
  });
});

// After a restart every order that was being worked on goes on where it was.
for (const order of orders.filter((one) => !['none', 'clerk'].includes(one.care))) {
  job(order, arrange);
  if (order.isUnwanted) job(order, cancel);
}
server.listen(Number(process.env.PORT), '127.0.0.1');
