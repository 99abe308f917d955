// Package dropletstest is an in-memory model of DigitalOcean's Droplets API for tests. It behaves: Droplets become
// active, actions take their time, a second one is refused meanwhile, lists have pages, quotas run out.
//
//	api := dropletstest.New(dropletstest.WithActionDuration(55 * time.Second))
//	c := api.Client() // a *droplets.Client, in process
//
// # Time
//
// Inside a testing/synctest bubble a create that takes 55 seconds takes none. Nothing runs in the background: what time
// brings about is settled when the API is next looked at, with the times at which it fell due, so that an action's
// end, its effect and the Droplet's unlocking become visible together and never depend on how often somebody polls.
// Outside a bubble it is real time; [WithActionDuration] of 0 does away with it.
//
// # What is modelled
//
// All 25 operations on Droplets, their actions, backups and associated resources; and, as far as programs touch them on
// the way, /v2/account, /v2/account/keys, /v2/actions, /v2/images, /v2/regions, /v2/sizes, /v2/snapshots and /v2/tags.
// Sizes, images and regions are a small catalogue of real ones. Answers keep to the API's OpenAPI document; error bodies
// and their texts, the rate limit headers and the request ids are the API's own. Droplet ids ascend, action ids are past
// 2³¹, lists of Droplets begin with the oldest and lists of actions with the newest.
//
// Where the document is silent the model decides: a Droplet can be deleted while an action runs, which then ends as
// errored; an action by tag begins on all of the Droplets or on none; a failed create takes its Droplet away, and leaves
// its action to be read; a per_page above 200 is 200; any vpc_uuid will do; SSH keys and volumes that a create names have
// to be there, see [API.AddSSHKey] and [API.AddVolume].
//
// # Faults
//
// [API.Respond] answers any request with any status, header and body, late, cut short or not at all, before the API has
// acted on it or after. [API.FailNextAction] and [API.FailNextDestroy] let what was asked for fail later. [WithRateLimit]
// and [WithDropletLimit] set limits, and [WithLag] makes the API eventually consistent.
//
// # Afterwards
//
// [API.Requests] tells what was sent, [API.Ledger] which Droplets came and went, [API.Droplets] which are there.
//
// # Other programs
//
// The command dropletstest/fakeapi serves the same over HTTP for programs in any language that take a base URL.
package dropletstest
