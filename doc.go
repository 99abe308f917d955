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
// [NewClient] takes a personal access token, [NewClientFromTokenSource] anything that can get one. The token is set on
// each request and goes nowhere but to the base URL: redirects are not followed, links in answers are not followed,
// and plain http is refused except for loopback addresses. The scopes that an operation needs stand in DigitalOcean's
// reference; without one the API answers 403, an [ErrForbidden], or leaves fields of an answer empty.
//
// # Requests
//
// A field at its zero value is not sent, and the API chooses; the few for which zero means something are pointers, for
// which Go's new takes a value: new(false). What is certain to be wrong (an id of 0, an empty tag, eleven names) is
// refused before anything is sent: an [*ArgumentError] names the field and the rule. Everything else the API judges.
//
// # Errors
//
// [errors.Is] tells the kind of a failure by the sentinels such as [ErrNotFound], [errors.As] reaches the details in
// [*Error]: status, message, request id, attempts, rate limit, body. An error never holds the token, and never the
// user data of a create. An attempt that timed out is a [context.DeadlineExceeded] too: ctx.Err() tells whether the
// context has ended. The cause of an ended context is told and can be matched, but never as one of this package's kinds:
// it is not what became of the call.
//
// # Retries
//
// What may be sent again depends on what is known of the attempt before:
//
//	answer                                   read              delete                         other changes
//	429                                      yes               yes                            yes: it was refused
//	500, 502, 503, 504, 520 to 524           yes               yes; a later 404 is success    no: ErrMaybeApplied
//	broken connection, timed out attempt     yes               yes; a later 404 is success    no: ErrMaybeApplied
//	no connection: nothing was sent          yes               yes                            yes
//	any other status, an unreadable answer   no                no                             no
//	an ended context                         no                no                             no
//
// A change that was sent and whose outcome is unknown ends as [ErrMaybeApplied], which says how to find out.
// [WithRetryPolicy] sets how often and how patiently, [WithoutRetries] switches it off for a call.
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
