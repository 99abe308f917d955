// Package dropletstest is an in-memory fake of DigitalOcean's Droplets API for tests. It simulates the behavior of the API:
// Droplets become active, actions take time, a Droplet with an action in progress rejects another one, lists have pages, and
// rate limits can be reached.
//
//	api := dropletstest.New(dropletstest.WithActionDuration(55 * time.Second))
//	c := api.Client() // a *droplets.Client, in process
//
// # Time
//
// The fake starts no goroutines. State changes that are due take effect, with their due times, when the next request arrives
// or the next method reads the state. The end of an action, its effect and the unlocking of the Droplet become visible
// together (unless [WithLag] delays the status), and do not depend on how often a client polls.
//
// Inside a testing/synctest bubble, a create of 55 seconds takes no real time. Outside a bubble the fake uses real time;
// with [WithActionDuration] of 0, actions take no time. [WithClock] with a [NewManualClock] makes time stand still until the
// test calls [Clock.Advance]. Every fake has a [Clock] that can be advanced; see [API.Clock].
//
// # Supported operations
//
// The fake implements all 57 operations of the OpenAPI document that package droplets has: on Droplets, actions, backups,
// associated resources, images, snapshots, sizes, regions, SSH keys, tags and autoscale pools; and GET /v2/account. A known
// path with another method gets a 405. Any other path gets a 501 whose message names the method and the path, so that a
// program does not take it for a resource that does not exist. Any bearer token is accepted unless [WithToken] names one.
//
// Sizes, images and regions are a small catalog of real ones; [API.AddImage] adds others. Responses follow the API's OpenAPI
// document. Error bodies and their messages, rate limit headers and request IDs have the format of the real API. Droplet IDs
// ascend; action IDs are above 2³¹. Lists start with the oldest item; lists of actions and the history of a pool start with
// the newest.
//
// The OpenAPI document leaves some behavior open. The fake behaves as follows:
//   - A Droplet can be deleted while an action is in progress. The action then ends as errored.
//   - An action by tag starts on all of the tagged Droplets or on none.
//   - If a create fails, its Droplet is removed. Its action can still be read.
//   - A custom image is NEW for the first half of its import and pending for the second; the duration is that of
//     [ActionTypeImport]. Then it is available in its region, or deleted with an error message if the import fails.
//   - An image can be transferred to several regions at a time. The effect of a transfer or a conversion is visible when its
//     action ends. If the image is deleted while an action is in progress, the action ends as errored.
//   - Snapshots remain, with their resource ID, after their Droplet or volume is deleted.
//   - A destroy with associated resources keeps a volume or a reserved IP that another Droplet has or gets, and reports it
//     as a failure.
//   - Tags consist of letters, digits, and the characters - _ : in all requests. If the resource that was tagged last loses
//     the tag, the last tagged URI is that of the newest resource that has it.
//   - An autoscale pool has its number of Droplets from the request on. If a Droplet is deleted, or its create fails, the
//     pool replaces it at once. If it cannot create one, its status is error, and it tries again after the cooldown. The
//     name of its Droplets is that of the template and a number.
//   - A pool that scales down shuts its newest Droplets down and deletes them. A new template is used for new Droplets only.
//     A dynamic pool starts with min_instances, and scales after [API.SetPoolUtilization] was called.
//   - A pool that is deleted has the status deleting for the duration of [ActionTypeDestroy]. It releases its Droplets at
//     once, or deletes them in that time. The same delete is accepted again in that time.
//   - A per_page above 200 is treated as 200.
//   - SSH keys, volumes and the VPC in a create request must exist; see [API.AddSSHKey], [API.AddVolume] and [API.AddVPC].
//
// # VPCs, volumes, firewalls and reserved IPs
//
// The fake also implements the operations below /v2/vpcs (without peerings and subnets), /v2/volumes, /v2/firewalls,
// /v2/reserved_ips and its former name /v2/floating_ips, as Terraform's provider, doctl and godo use them. If the path of a
// request names something that does not exist, or an action names a volume that does not exist, the response is a 404. If
// another part of the body does, it is a 422. The documentation of the API leaves some behavior open. The fake behaves as
// follows:
//   - Each region has a default VPC with a range of 65,536 addresses. The private address of a Droplet is in the range of
//     its VPC, which rejects a create if it is full. Subnets are accepted and have no effect.
//   - A default VPC cannot be deleted (403), nor a VPC with members (409). PUT resets the description of a VPC, PATCH does
//     not.
//   - The volumes of a create are a list of IDs, or of objects with an ID or the name of a volume in the Droplet's region.
//   - Attaching, detaching, assigning and unassigning take an action, which locks the Droplet: it rejects other actions
//     meanwhile, and these actions if it has an action in progress. They are in /v2/actions and in the list of the volume or
//     the reserved IP, but not in that of the Droplet. If the Droplet is deleted, they end as errored.
//   - The actions of volumes have no resource ID; that of reserved IPs is the address as a number. Their types are constants
//     such as [ActionTypeAttachVolume].
//   - A Droplet has up to 15 volumes and one reserved IP. A reserved IP that is assigned can be deleted, but a volume that
//     is attached cannot (409). A reserved IP that is assigned to another Droplet moves to it. It is the last address in the
//     Droplet's networks.
//   - After a change of a firewall, the change is pending on the Droplets that it affects for the duration of
//     [ActionTypeFirewall], and the status of the firewall is waiting meanwhile. If Droplets get or lose a tag, no change is
//     pending. The tags of a firewall are created if necessary, but the tags and Droplets in its rules must exist. Removing
//     what a firewall does not have is not an error.
//   - Droplets and tags that are deleted are removed from firewalls and their rules.
//   - Names are unique: those of VPCs (422) and of firewalls (409) in the account, those of volumes in their region (409).
//
// # Faults
//
// [API.Respond] responds to matching requests with any status, header and body. It can delay or truncate the response, or
// drop it, before or after the fake has processed the request. [API.Faults] returns the planned faults.
//
// Other failures begin after a request was accepted. [API.FailNextAction], [API.FailAction] and [API.FailNextDestroy] make
// actions and destroys fail. [API.IgnoreShutdown] makes guests ignore shutdowns, so that a Droplet is still active after the
// action shutdown has completed. [WithLag] makes the fake eventually consistent: new Droplets, their addresses, their status
// and new snapshots become visible later. [WithRateLimit] and [WithDropletLimit] set limits.
//
// # Resources and inspection
//
// [API.AddDroplet], [API.AddImage], [API.AddSSHKey], [API.AddVolume] and others add resources without a request. [API.Add]
// adds all of a list of [Resources], which can come from a JSON file, or none of them.
//
// [API.Requests] returns the newest requests received, up to 16 MiB of them, [API.Ledger] the Droplets created and deleted,
// and [API.Droplets] the Droplets that exist.
//
// # Other programs
//
// The command dropletstest/fakeapi serves the fake over HTTP, for programs in any language that accept a base URL. Its
// control API does what the functions of this package do.
package dropletstest
