package browsertest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

func TestPageShowsDroplets(t *testing.T) {
	b := open(t, "-seed", "2", "-action-duration", "0")
	created, err := b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.NoError(t, err)
	d, err := b.client().Droplets.Get(t.Context(), created.Droplet.ID)
	require.NoError(t, err)
	public, _ := d.PublicIPv4()
	private, _ := d.PrivateIPv4()
	ipv6, _ := d.PublicIPv6()
	b.visit()
	row := eval[string](b, fmt.Sprintf(`document.getElementById("droplet-%d").innerText`, created.Droplet.ID))
	for _, want := range []string{"web-1", "active", "s-1vcpu-1gb", "nyc3", public.String(), private.String(), ipv6.String(),
		"$6.00", "Shut down", "Delete"} {
		assert.Contains(t, row, want)
	}
	assert.Equal(t, "fakeapi", eval[string](b, "document.title"))
	assert.Equal(t, "3", eval[string](b, `document.getElementById("droplet-count").innerText`))
	assert.Contains(t, eval[string](b, `document.getElementById("requests").innerText`), "droplets_create")
}

// TestPageUpdatesItself checks that an open page shows a new Droplet without being loaded again.
func TestPageUpdatesItself(t *testing.T) {
	b := open(t, "-action-duration", "1m", "-clock", "manual")
	b.visit()
	assert.Contains(t, eval[string](b, "document.body.innerText"), "There are no Droplets.")
	eval[bool](b, "window.loadedOnce = true")
	created, err := b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.NoError(t, err)
	row := fmt.Sprintf(`document.getElementById("droplet-%d")?.innerText`, created.Droplet.ID)
	b.until(row + `?.includes("new")`)
	b.until(`document.querySelector("#actions progress")`)
	b.control("/_fake/clock", `{"advance": "1m"}`)
	b.until(row + `?.includes("active")`)
	b.until(`document.querySelector("#actions .badge")?.innerText === "completed"`)
	assert.True(t, eval[bool](b, "window.loadedOnce"))
	assert.Equal(t, "Live", eval[string](b, `document.getElementById("live-text").innerText`))
}

// TestUpdatesKeepFocusAndScroll checks that the focus and the position of a row stay the same while rows above it are added and removed.
func TestUpdatesKeepFocusAndScroll(t *testing.T) {
	b := open(t, "-seed", "40", "-action-duration", "0")
	b.visit()
	const button = `document.querySelector("#droplet-500000010 button[value=reboot]")`
	eval[bool](b, `window.button = `+button+`, window.button.scrollIntoView({block: "center"}), window.button.focus(), true`)
	top := eval[float64](b, `window.button.getBoundingClientRect().top`)
	_, err := b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.NoError(t, err)
	b.until(`document.getElementById("droplet-500000041")`)
	assert.True(t, eval[bool](b, `document.activeElement === window.button && `+button+` === window.button`),
		"the button is the same element and has the focus")
	assert.InDelta(t, top, eval[float64](b, `window.button.getBoundingClientRect().top`), 2, "the row has not moved on the screen")

	require.NoError(t, b.client().Droplets.Delete(t.Context(), 500000020))
	b.until(`!document.getElementById("droplet-500000020")`)
	assert.True(t, eval[bool](b, `document.activeElement === window.button`), "a row above disappears")
}

// TestFocusAfterTheFocusedElementDisappears checks where the focus moves when the focused button disappears, and then its row.
func TestFocusAfterTheFocusedElementDisappears(t *testing.T) {
	b := open(t, "-seed", "2", "-action-duration", "0")
	b.visit()
	eval[bool](b, `document.querySelector("#droplet-500000001 button[value=power_off]").focus(), true`)
	_, err := b.client().DropletActions.Initiate(t.Context(), 500000001, droplets.PowerOffRequest{})
	require.NoError(t, err)
	b.until(`document.querySelector("#droplet-500000001 button[value=power_on]")`)
	assert.Equal(t, "Power on droplet-00001", eval[string](b, `document.activeElement.ariaLabel`), "another button of the row")
	require.NoError(t, b.client().Droplets.Delete(t.Context(), 500000001))
	b.until(`!document.getElementById("droplet-500000001")`)
	assert.Equal(t, "droplets-heading", eval[string](b, `document.activeElement.id`), "the heading of the table")
}

func TestNoUpdatesWhilePausedOrHidden(t *testing.T) {
	b := open(t, "-action-duration", "0")
	b.visit()
	b.until(`document.getElementById("live-text").innerText === "Live"`)
	b.untilUpdated()
	b.click("#pause")
	assert.LessOrEqual(t, b.updatesIn2Seconds(), 1, "at most the update that was in progress")
	assert.Equal(t, "Paused", eval[string](b, `document.getElementById("live-text").innerText`))
	_, err := b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.NoError(t, err)
	assert.Zero(t, b.updatesIn2Seconds())
	b.click("#pause")
	b.until(`document.body.innerText.includes("web-1")`)

	const setHidden = `Object.defineProperty(document, "hidden", {value: %t, configurable: true}),
		document.dispatchEvent(new Event("visibilitychange"))`
	eval[bool](b, fmt.Sprintf(setHidden, true))
	assert.LessOrEqual(t, b.updatesIn2Seconds(), 1)
	assert.Zero(t, b.updatesIn2Seconds())
	eval[bool](b, fmt.Sprintf(setHidden, false))
	b.untilUpdated()
}

// updateCount is a JavaScript expression for the number of requests for fragments that the page has sent.
const updateCount = `performance.getEntriesByType("resource").filter((e) => e.name.includes("/fragments")).length`

// untilUpdated waits until the page has sent another request for fragments.
func (b *tab) untilUpdated() {
	b.t.Helper()
	b.until(fmt.Sprintf("%s > %d", updateCount, eval[int](b, updateCount)))
}

func (b *tab) updatesIn2Seconds() int {
	b.t.Helper()
	return eval[int](b, `new Promise((resolve) => { const before = `+updateCount+`; setTimeout(() => resolve(`+updateCount+` - before), 2000); })`)
}

func TestLostConnectionIsShown(t *testing.T) {
	b := open(t)
	b.visit()
	b.stopFake()
	b.until(`document.getElementById("live-text").innerText === "No connection, retrying"`)
	b.expectMessage("ERR_CONNECTION_REFUSED")
}

// TestTextsOfClientsDoNotRun checks that scripts in the requests of a client do not run in the page, and cause no error in the console.
func TestTextsOfClientsDoNotRun(t *testing.T) {
	b := open(t)
	const hostile = `%22%27%3E%3Cscript%3Ewindow.hacked=1%3C/script%3E%3Cimg%20src=x%20onerror=window.hacked=2%3E`
	for range 3 {
		req, err := newRequest(t, b.url+"/v2/droplets/"+hostile+"?q="+hostile)
		require.NoError(t, err)
		req.Header.Set("User-Agent", `<script>window.hacked=3</script>`)
		require.NoError(t, discard(req))
	}
	b.visit()
	b.until(`document.getElementById("requests").innerText.includes("<script>window.hacked=3")`)
	assert.Equal(t, "undefined", eval[string](b, `typeof window.hacked`))
	assert.Zero(t, eval[int](b, `document.querySelectorAll("main script, main img").length`))
}

// TestMorph checks that morph changes each document into each other one, and that it keeps an element with the same id.
func TestMorph(t *testing.T) {
	b := open(t)
	b.visit()
	documents := []string{
		``, `text`, `<p>a</p>`, `<p class="x">a</p>`, `<p id="a">a</p><p id="b">b</p><p id="c">c</p>`, `<p id="c">c</p><p id="a">A</p>`,
		`<p id="b">b</p>text<p id="a">a</p><p id="d">d</p>`, `<ul><li id="x">1</li><li>2</li></ul>`,
		`<ul><li>2</li><li id="x">3</li></ul><p id="b"></p>`,
		`<span id="a">other kind</span>`, `<progress value="1" max="2"></progress>`, `<!--comment--><p>a</p> `,
	}
	quoted := strings.Join(documents, "`, `")
	failures := eval[[]string](b, `import("/_fake/ui/morph.js").then(({morph}) => {
		const documents = [`+"`"+quoted+"`"+`], failures = [];
		const parse = (html) => new DOMParser().parseFromString("<div>" + html + "</div>", "text/html").body.firstChild;
		for (const from of documents) for (const to of documents) {
			const current = parse(from), kept = current.querySelector("p#a"), had = kept && parse(to).querySelector("p#a");
			morph(current, parse(to));
			if (current.innerHTML !== parse(to).innerHTML) failures.push(from + " to " + to + ": " + current.innerHTML);
			if (had && current.querySelector("#a") !== kept) failures.push(from + " to " + to + ": another element");
		}
		return failures;
	})`)
	assert.Empty(t, failures)
}

// click scrolls to an element and clicks it with the mouse.
func (b *tab) click(selector string) {
	b.t.Helper()
	b.do(chromedp.ScrollIntoView(chromedp.CSS(selector)), chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}
