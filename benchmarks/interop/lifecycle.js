// Runs the lifecycle of a Droplet with the npm package digitalocean:
//
//   go run ./dropletstest/fakeapi -addr 127.0.0.1:8080
//   npm install && node lifecycle.js http://127.0.0.1:8080
const assert = require('assert');
const { client } = require('digitalocean');

const url = new URL(process.argv[2]);
const api = client('dropletstest-token', {
  protocol: url.protocol, hostname: url.hostname, port: url.port, decamelizeKeys: true,
});
const sleep = () => new Promise((resolve) => setTimeout(resolve, 100));

async function waitForAction(id, name, started) {
  let action = await started;
  while (action.status === 'in-progress') {
    await sleep();
    action = await api.droplets.getAction(id, action.id);
  }
  assert.strictEqual(action.status, 'completed', name);
  console.log(name, action.status);
}

async function main() {
  let droplet = await api.droplets.create({
    name: 'node-1', region: 'nyc3', size: 's-1vcpu-1gb', image: 'ubuntu-24-04-x64', tags: ['node'], user_data: null,
  });
  const { id } = droplet;
  while (droplet.status !== 'active') {
    await sleep();
    droplet = await api.droplets.get(id);
  }
  console.log('active', droplet.networks.v4.map((n) => n.ip_address).join(' '));
  await waitForAction(id, 'power_off', api.droplets.powerOff(id));
  await waitForAction(id, 'resize', api.droplets.resize(id, { size: 's-1vcpu-2gb', disk: true }));
  await waitForAction(id, 'snapshot', api.droplets.snapshot(id, 'node-snapshot'));
  await waitForAction(id, 'power_on', api.droplets.powerOn(id));
  await waitForAction(id, 'rename', api.droplets.rename(id, 'node-2'));
  await waitForAction(id, 'enable_backups', api.droplets.enableBackups(id));
  await waitForAction(id, 'disable_backups', api.droplets.disableBackups(id));
  assert.deepStrictEqual((await api.droplets.snapshots(id)).map((s) => s.name), ['node-snapshot']);
  assert.strictEqual((await api.droplets.get(id)).name, 'node-2');
  await api.droplets.delete(id);
  await assert.rejects(api.droplets.get(id), /could not be found/);
  console.log('done');
}

main().catch((err) => { console.error(err); process.exit(1); });
