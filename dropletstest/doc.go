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
// The fake implements all 57 operations of the OpenAPI document on Droplets and on what is around them: actions, backups,
// associated resources, images, snapshots, sizes, regions, SSH keys, tags and autoscale pools; and GET /v2/account. A known
// path with another method gets a 405, and any other path a 501 whose message names the method and the path, so that no
// program takes it for a resource that does not exist. Any bearer token is accepted unless [WithToken] names one.
//
// Sizes, images and regions are a small catalog of real ones; [API.AddImage] adds others. Responses follow the API's OpenAPI
// document. Error bodies and their messages, rate limit headers and request ids have the format of the real API.
// Droplet ids ascend; action ids are above 2³¹. Lists start with the oldest item; lists of actions and the history of a pool
// start with the newest.
//
// The OpenAPI document leaves some behavior open. The fake behaves as follows:
//   - A Droplet can be deleted while an action is in progress. The action then ends as errored.
//   - An action by tag starts on all of the tagged Droplets or on none.
//   - If a create fails, its Droplet is removed. Its action can still be read.
//   - A custom image is NEW for the first half of its import and pending for the second; the duration is that of
//     [ActionTypeImport]. Then it is available in its region, or deleted with an error message if the import fails.
//   - An image can be transferred to several regions at a time. A region or a conversion is visible when its action ends. If
//     the image is deleted while an action is in progress, the action ends as errored.
//   - Snapshots remain, with their resource id, after their Droplet or volume is deleted.
//   - A destroy with associated resources keeps a volume that is attached, and reports it as a failure.
//   - Tags have letters, digits, and the characters - _ : in all requests. The last tagged URI is that of the newest resource
//     after the one that was tagged last has lost the tag.
//   - An autoscale pool has its number of Droplets from the request on. It replaces a Droplet that is deleted, or whose create
//     fails, at once. If it cannot create one, its status is error, and it tries again after the cooldown. Their names are
//     that of the template and a number.
//   - A pool that scales down deletes its newest Droplets, after it has shut them down. A new template is only used for new
//     Droplets. A dynamic pool starts with min_instances, and scales after [API.SetPoolUtilization] was called.
//   - A pool that is deleted is in the status deleting for the duration of [ActionTypeDestroy]. It releases its Droplets at
//     once, or deletes them in that time. The same delete is accepted again meanwhile.
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
// [API.Requests] returns the newest requests received, up to 16 MiB of them, [API.Ledger] the Droplets created and deleted, and
// [API.Droplets] the Droplets that exist. [API.AddDroplet] and other methods add what no request has created.
//
// # Other programs
//
// The command dropletstest/fakeapi serves the fake over HTTP, for programs in any language that accept a base URL.
package dropletstest
