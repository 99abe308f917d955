// Package droplets is a client for DigitalOcean's Droplets API: every documented operation on Droplets, their actions,
// backups, snapshots and associated resources, typed.
//
// # Getting started
//
//	client, err := droplets.NewClient(os.Getenv("DIGITALOCEAN_TOKEN"))
//	if err != nil {
//		return err
//	}
//	created, err := client.Droplets.Create(ctx, droplets.DropletCreateRequest{
//		Name:   "web-1",
//		Region: "nyc3",
//		Size:   "s-1vcpu-1gb",
//		Image:  droplets.ImageSlug("ubuntu-24-04-x64"),
//	})
//	if err != nil {
//		return err
//	}
//	_, err = client.DropletActions.WaitForActions(ctx, created.PendingActions()...)
//
// [DropletsService.CreateAndWait] is the same in one call, and returns when the Droplet can be reached.
//
// # Authentication
//
// [NewClient] takes a personal access token, [NewClientFromTokenSource] a source of tokens, and [NewClientFromHTTPClient] an
// HTTP client whose transport authenticates. The token is set on each request and sent to no host but that of the base URL.
// Redirects and links in responses are not followed. Plain HTTP is rejected except for loopback addresses and with
// [WithPlainHTTP]. DigitalOcean's API reference lists the scopes that each operation requires. Without a scope the API
// responds with 403, an [ErrForbidden], or leaves fields of a response empty.
//
// # Requests
//
// A field with the zero value is not sent, and the API uses its default. Fields for which zero has a meaning are pointers;
// new(false) returns one. Arguments that can never be valid (an ID of 0, an empty tag, eleven names) are rejected with an
// [*ArgumentError] before a request is sent. Other validation is left to the API.
//
// # Errors
//
// Match the kind of an error with [errors.Is] and the sentinels such as [ErrNotFound]. Read the details of a response with
// [errors.As] and [*Error]: status, message, request ID, attempts, rate limit, body. A call without a usable response is a
// [*TransportError]. A 403 or 404 has its meaning only if the body is an error of the API: the page of a proxy matches neither
// [ErrForbidden] nor [ErrNotFound]. No error contains the token or the user data of a create.
//
// If the context is done, the error wraps [context.Cause]. It never matches the sentinels of this package through that cause.
// An attempt that timed out also matches [context.DeadlineExceeded]: check ctx.Err() to tell the two apart.
//
// # Retries
//
// Whether a request is sent again depends on what is known about the last attempt:
//
//	response                                 read              delete                         other changes
//	429                                      yes               yes                            yes: it was not processed
//	500, 502, 503, 504, 520 to 524           yes               yes; a later 404 is success    no: ErrMaybeApplied
//	broken connection, timed out attempt     yes               yes; a later 404 is success    no: ErrMaybeApplied
//	not processed: no connection, or
//	  refused by the HTTP/2 server           yes               yes                            yes
//	any other status, an invalid response    no                no                             no
//	the context is done                      no                no                             no
//
// A delete by tag is one of the other changes: it would also delete Droplets that got the tag in between. Each attempt of a
// change reaches the server at most once: neither net/http nor a redirect sends it again. A change whose outcome is unknown
// ends with [ErrMaybeApplied], whose documentation says what to check. [ResendUncertain] declares that a change is harmless if
// it is applied twice.
//
// [WithRetryPolicy] sets the number of retries and the backoff, [WithoutRetries] disables retries for a call, and
// [WithAttemptTimeout] limits each attempt, to 60 s by default.
//
// A new Droplet may be missing in responses of the API for some seconds. The client remembers the Droplets that it created:
// within half a minute, and until the API has shown the Droplet, a delete retries a 404 instead of returning [ErrNotFound].
//
// # Rate limits
//
// DigitalOcean allows 5,000 requests an hour and 250 a minute. A 429 is waited out for as long as the server asks
// (Retry-After, or the time at which the quota is free again), and every call of the client keeps that pause. A delay
// that is longer than [RetryPolicy].MaxRetryAfter or than the context is not slept: the 429 comes back at once.
// [Client.RateLimit] tells what is left, and [WithRateLimiter] holds requests back beforehand.
//
// # Pagination
//
// Each List method returns one [Page], each All method an iterator over everything: 200 items a page, nothing sent
// before the first pull, no item twice, and an error yielded once, last. Pages are read ahead once the first one has
// been consumed; [ReadAhead] says how many. Where the API's total changes from page to page, because Droplets come and go
// meanwhile, what slid over the border of a page is read again.
//
//	for d, err := range client.Droplets.All(ctx, nil) {
//		if err != nil {
//			return err
//		}
//		fmt.Println(d.ID, d.Name)
//	}
//
// # Waiting
//
// A wait never takes a guess for success. It returns when the thing has happened; with an [*ActionError] when the API
// says that it failed; and otherwise with the last state seen and the error that ended the wait, which for an ended
// context is the context's. [DropletActionsService.Watch] yields each look on the way, for a progress line;
// [DropletActionsService.WaitForActions] waits for any number at the price of one request a look;
// [DropletsService.WaitFor] waits for a condition.
//
// # Several calls in one
//
// [DropletsService.Ensure] and [DropletsService.EnsureMultiple] return the Droplets that have the names and create those
// that are missing. [DropletsService.ShutdownGracefully], [DropletsService.ResizeAndRestart] and
// [DropletsService.SnapshotAndWait] are the sequences that one call can not do; a [*StepError] says which step failed and
// what state the Droplet is in.
//
// # Testing
//
// Package [github.com/droplets-go/droplets/dropletstest] is the API in memory: it needs no account and no network, and
// its time is that of testing/synctest.
//
// # Concurrency
//
// A [Client] and its services are safe for concurrent use. Make one for each account and keep it: it knows the account's
// quota, shares the pause that a 429 asks for, and keeps connections open. No method leaves a goroutine behind. Requests
// and options are read before a method returns and never changed. What a method returns is the caller's own.
//
// # Compatibility
//
// Versions follow semantic versioning. A new operation, a new field of a model or a request, a new option and a new
// constant of an open string type come with a minor version: name the fields of struct literals, and expect values of an
// open type that are not listed. Text of errors, log records and String methods is for people and may change with any
// version. The module supports the two newest releases of Go from 1.26 on.
package droplets
