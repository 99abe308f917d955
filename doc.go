// Package droplets is a typed client for DigitalOcean's Droplets API. It has every documented operation on Droplets, their
// actions, backups, snapshots and associated resources, and on images, sizes, regions, SSH keys, tags and autoscale pools.
//
//	client, err := droplets.NewClient(os.Getenv("DIGITALOCEAN_TOKEN"))
//	if err != nil {
//		return err
//	}
//	d, err := client.Droplets.CreateAndWait(ctx, droplets.DropletCreateRequest{
//		Name: "web-1", Region: "nyc3", Size: "s-1vcpu-1gb", Image: droplets.ImageSlug("ubuntu-24-04-x64"),
//	})
//
// # Authentication
//
// [NewClient] takes a personal access token, [NewClientFromTokenSource] a source of tokens, and [NewClientFromHTTPClient] an
// HTTP client whose transport authenticates. The token is set on each request and sent to no host but that of the base URL.
// Redirects and links in responses are not followed. Plain HTTP is rejected except for loopback addresses and with
// [WithPlainHTTP]. If the token lacks a scope, the API responds with 403, an [ErrForbidden], or leaves out fields.
//
// # Requests
//
// A field with the zero value is not sent, and the API uses its default. Fields for which zero has a meaning are pointers;
// new(false) returns one. Arguments that can never be valid (an ID of 0, an empty tag, eleven names) are rejected with an
// [*ArgumentError] before a request is sent. Other validation is left to the API. Requests can be stored as JSON: decoding
// returns the same request or an error.
//
// # Errors
//
// Match the kind of an error with [errors.Is] and the sentinels such as [ErrNotFound]. Read the details of a response with
// [errors.As] and [*Error]. A call without a usable response is a [*TransportError]. No error contains the token or the user
// data of a create. If the context is done, the error matches the error of the context and its cause. It never matches the
// sentinels of this package through that cause. An attempt that timed out also matches [context.DeadlineExceeded]: check
// ctx.Err() to distinguish the two.
//
// # Retries
//
// Whether a request is sent again depends on the result of the last attempt ("final" means that the error is returned):
//
//	result of the attempt                  read     DELETE                        other changes
//	429                                    retried  retried                       retried
//	500, 502, 503, 504, 520 to 524         retried  retried; then 404 is success  ErrMaybeApplied
//	broken connection, timed out attempt   retried  retried; then 404 is success  ErrMaybeApplied
//	no connection, refused over HTTP/2     retried  retried                       retried
//	any other status, invalid response     final    final                         final
//	the context is done                    final    final                         final
//
// A delete by tag is one of the other changes, and so is each DELETE with a query: it would also delete Droplets that got the
// tag in between. After an attempt whose outcome is unknown, [Client.Do] treats a 404 as success only for a DELETE without a
// body, and [TagsService.Unassign] never does: one of several resources may be missing while others remain.
//
// Each attempt of a change reaches the server at most once: neither net/http nor a redirect sends it again. A change whose
// outcome is unknown ends with [ErrMaybeApplied], whose documentation says what to check. [ResendUncertain] declares that a
// change is harmless if it is applied twice. [WithRetryPolicy] sets the number of retries and the backoff, [WithoutRetries]
// disables retries for a call, and [WithAttemptTimeout] limits each attempt, to 60 s by default.
//
// A new Droplet may be missing in responses of the API for some seconds. Within half a minute after this client created it, and
// until the API has shown it, a delete retries a 404 instead of returning [ErrNotFound].
//
// # Rate limits
//
// DigitalOcean allows 5,000 requests an hour and 250 a minute. All calls of a Client share one queue. At most 64 requests are
// in flight ([WithMaxInFlight]). A 429 that names a delay pauses all calls; afterwards they are sent in the order in which they
// started, and no faster than the API is known to accept. Such a 429 does not consume a retry. Unless retries are disabled, it
// fails a call only if its context ends first or if the delay is above [RetryPolicy].MaxRetryAfter. [Client.Stats] reports how
// long calls wait and why, and [WithRateLimiter] adds a limiter of the caller's.
//
// # Lists
//
// Each List method returns one [Page], each All method an iterator over the whole list, with 200 items per page. No item is
// yielded twice, and the iterator stops after yielding an error. An iterator that ends without an error has yielded every item
// that existed during the whole iteration; [DropletsService.All] describes the one exception, and [VerifyList] reads the list
// again because of it. Pages are read ahead after the first page was consumed; [ReadAhead] limits their number.
//
// # Waiting and multi-step operations
//
// Waiters poll until the operation completes, fails ([*ActionError]) or ctx is done, and return the last observed state with
// any error. [DropletActionsService.WaitForAction] waits for one action, [DropletActionsService.WaitForActions] for many, and
// [DropletsService.WaitFor] for a state of a Droplet. [WithPolling] sets the interval of one wait, and [OnProgress] reports
// each poll.
//
// [DropletsService.Ensure] returns the Droplet that has a name, or creates it. A client does not create a second Droplet of a
// name that it has created within ten minutes or is creating. Two clients can, because the API does not keep names unique.
// [DropletsService.ShutdownGracefully], [DropletsService.ResizeAndRestart] and [DropletsService.SnapshotAndWait] send several
// requests. A [*StepError] says which step failed and in which state the Droplet is, and has the action to wait for again.
//
// # The rest of the API
//
// [Client.NewRequest] and [Client.Do] send requests for other operations with the same retries, rate limits and errors, and
// [AllFrom] reads their lists. [WithBodyField] adds a field to a request, and [CaptureResponse] returns the body of a response.
//
// # Concurrency and tests
//
// A [Client] and its services are safe for concurrent use. Create one per account and keep it: its calls share the rate limit,
// connections, and the record of its creates. No method leaves a goroutine behind, except one that calls a token source which
// is still blocked when the context is done. Requests and options are read before a method returns and are not modified. The
// caller owns what a method returns. Package [github.com/droplets-go/droplets/dropletstest] is an in-memory fake of the API,
// without an account or a network, for tests in the virtual time of testing/synctest.
//
// # Compatibility
//
// Versions follow semantic versioning. A minor version may add operations, fields of models and requests, options, and
// constants of string types: use keyed struct literals, and handle unknown values of string types. The texts of errors, log
// records and String methods may change with any version. The module supports the two newest releases of Go from 1.26 on.
package droplets
