// Package dropletstest is an in-memory fake of DigitalOcean's Droplets API for tests. It simulates the behavior of the
// API: Droplets become active, actions take time, a Droplet with an action in progress rejects another one, lists have
// pages, and rate limits can be reached.
//
//	api := dropletstest.New(dropletstest.WithActionDuration(55 * time.Second))
//	c := api.Client() // a *droplets.Client, in process
//
// # Time
//
// The fake starts no goroutines. State changes that are due take effect, with their due times, when the next request
// arrives or the next method reads the state. The end of an action, its effect and the unlocking of the Droplet become
// visible together (unless [WithLag] delays the status), and do not depend on how often a client polls.
//
// Inside a testing/synctest bubble, a create of 55 seconds takes no real time. Outside a bubble the fake uses real time;
// with [WithActionDuration] of 0, actions take no time.
//
// # Supported operations
//
// The fake implements all 25 operations on Droplets, their actions, backups and associated resources. It also implements
// the parts of /v2/account, /v2/account/keys, /v2/actions, /v2/images, /v2/regions, /v2/sizes, /v2/snapshots and /v2/tags
// that programs for Droplets use. A known path with another method gets a 405, and any other path a 501 whose message names the
// method and the path. Any bearer token is accepted unless [WithToken] names one. Sizes, images and regions are a small catalog of real ones. Responses follow the API's
// OpenAPI document. Error bodies and their messages, rate limit headers and request ids have the format of the real API.
// Droplet ids ascend; action ids are above 2³¹. Lists of Droplets start with the oldest, lists of actions with the newest.
//
// The OpenAPI document leaves some behavior open. The fake behaves as follows:
//   - A Droplet can be deleted while an action is in progress. The action then ends as errored.
//   - An action by tag starts on all of the tagged Droplets or on none.
//   - If a create fails, its Droplet is removed. Its action can still be read.
//   - A per_page above 200 is treated as 200.
//   - Any vpc_uuid is accepted.
//   - SSH keys and volumes in a create request must exist; see [API.AddSSHKey] and [API.AddVolume].
//
// # Faults
//
// [API.Respond] responds to matching requests with any status, header and body. It can delay or truncate the response,
// or drop it, before or after the fake has processed the request. [API.FailNextAction] and [API.FailNextDestroy] make
// accepted actions and destroys fail later. [WithRateLimit] and [WithDropletLimit] set limits, and [WithLag] makes the
// fake eventually consistent.
//
// # Inspection
//
// [API.Requests] returns the requests received, [API.Ledger] the Droplets created and deleted, and [API.Droplets] the
// Droplets that exist.
//
// # Other programs
//
// The command dropletstest/fakeapi serves the fake over HTTP, for programs in any language that accept a base URL.
package dropletstest
