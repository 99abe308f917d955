package browsertest

import (
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/droplets-go/droplets"
)

// awaitNotice waits for the result of a control, checks it and closes it.
func (b *tab) awaitNotice(class, text string) {
	b.t.Helper()
	b.until(`document.querySelector("#notice .` + class + `")?.innerText.includes("` + text + `")`)
	b.click("#notice .dismiss")
	b.until(`!document.querySelector("#notice .notice")`)
}

func TestButtons(t *testing.T) {
	b := open(t, "-seed", "1", "-action-duration", "1h", "-clock", "manual@2030-01-02T03:04:05Z")
	b.visit()
	assert.Equal(t, "03:04:05", eval[string](b, `document.getElementById("now").innerText`))
	assert.Contains(t, eval[string](b, `document.getElementById("summary").innerText`), "2 Jan 2030 UTC, manual")
	b.click(`button[value="advance-1m"]`)
	b.awaitNotice("ok", "The clock was advanced by a minute.")
	b.until(`document.getElementById("now").innerText === "03:05:05"`)
	b.click(`button[value="advance-10s"]`)
	b.until(`document.getElementById("now").innerText === "03:05:15"`)

	b.click(`button[value="seed"]`)
	b.awaitNotice("ok", "3 Droplets were added.")
	b.until(`document.getElementById("droplet-count").innerText === "4"`)

	b.click(`button[value="fail-next-action"]`)
	b.until(`document.getElementById("planned").innerText.includes("Next action fails")`)
	b.click(`#droplet-500000001 button[value="reboot"]`)
	b.awaitNotice("ok", "Reboot: the action has started.")
	b.until(`document.querySelector("#actions .badge")?.innerText === "in-progress" && document.querySelector("#actions progress")?.position === 0`)
	b.control("/_fake/clock", `{"advance": "30m"}`)
	b.until(`document.querySelector("#actions progress")?.position === 0.5`)
	b.click(`#droplet-500000001 button[value="power_off"]`)
	b.awaitNotice("failed", "Power off: Droplet already has a pending event.")
	b.control("/_fake/clock", `{"advance": "30m"}`)
	b.until(`document.querySelector("#actions .badge.bad")?.innerText === "errored"`)

	b.do(chromedp.SetValue(chromedp.CSS("select[name=fault]"), "create-503"))
	b.click(`button[value="fault"]`)
	b.until(`document.getElementById("planned").innerText.includes("503 Service Unavailable")`)
	_, err := b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.ErrorIs(t, err, droplets.ErrServer)
	b.until(`document.querySelector("#requests .badge.bad")?.innerText === "503" && document.getElementById("planned").innerText.includes("none")`)
	b.click(`button[value="fault"]`)
	b.until(`document.getElementById("planned").innerText.includes("503 Service Unavailable")`)
	b.click(`button[value="clear-faults"]`)
	b.until(`document.getElementById("planned").innerText.includes("none")`)

	b.click(`button[value="reset"]`)
	b.do(chromedp.WaitVisible(chromedp.CSS("#confirm-yes")))
	b.click("#confirm-yes")
	b.awaitNotice("ok", "as it was at the start")
	b.until(`document.getElementById("droplet-count").innerText === "1"`)
	assert.Equal(t, "03:04:05", eval[string](b, `document.getElementById("now").innerText`))
}

// TestPlannedFailures checks that the page shows failures which programs planned through the control API.
func TestPlannedFailures(t *testing.T) {
	b := open(t, "-seed", "2")
	b.visit()
	b.until(`document.getElementById("planned").innerText.includes("none")`)
	b.control("/_fake/fail-next-destroy", `{"resource_id": "500000001", "message": "in use"}`)
	b.until(`document.getElementById("planned").innerText.includes("Next destroy of 500000001: in use")`)
	b.control("/_fake/ignore-shutdown", `{"droplet_ids": [500000002]}`)
	b.until(`document.getElementById("planned").innerText.includes("Droplet 500000002 ignores shutdowns")`)
	b.control("/_fake/ignore-shutdown", "")
	b.until(`document.getElementById("planned").innerText.includes("All Droplets ignore shutdowns")`)
	b.click(`button[value="clear-faults"]`)
	b.awaitNotice("ok", "The planned faults and failures were removed.")
	b.until(`!document.getElementById("planned").innerText.includes("Next destroy")`)
	assert.Contains(t, eval[string](b, `document.getElementById("planned").innerText`), "All Droplets ignore shutdowns")
}

func TestDeleteNeedsAConfirmation(t *testing.T) {
	b := open(t, "-seed", "2")
	b.visit()
	const button = `#droplet-500000002 button[value="delete"]`
	b.click(button)
	b.do(chromedp.WaitVisible(chromedp.CSS("#confirm")))
	assert.Equal(t, "Delete droplet-00002?", eval[string](b, `document.getElementById("confirm-question").innerText`))
	assert.Equal(t, "Cancel", eval[string](b, `document.activeElement.innerText`), "the button that changes nothing has the focus")
	b.do(chromedp.KeyEvent(kb.Escape))
	b.until(`!document.getElementById("confirm").open`)
	assert.True(t, eval[bool](b, `document.activeElement === document.querySelector('`+button+`')`), "the focus returns")

	b.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#confirm")), chromedp.KeyEvent(kb.Enter))
	b.until(`!document.getElementById("confirm").open`)
	page, err := b.client().Droplets.List(t.Context(), nil)
	require.NoError(t, err)
	assert.Equal(t, 2, page.Total, "canceled twice")

	b.do(chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(chromedp.CSS("#confirm")), chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter))
	b.until(`!document.getElementById("droplet-500000002")`)
	b.awaitNotice("ok", "The Droplet was deleted.")
	assert.NotNil(t, eval[*string](b, `document.getElementById("droplet-500000001").id`))
	_, err = b.client().Droplets.Get(t.Context(), 500000002)
	require.ErrorIs(t, err, droplets.ErrNotFound)
}

// TestNoticeIsAnnounced checks that the notice of a button is in a live region, which screen readers announce, and that the notice of a
// success disappears.
func TestNoticeIsAnnounced(t *testing.T) {
	b := open(t)
	b.visit()
	assert.Equal(t, "polite", eval[string](b, `document.getElementById("notice").ariaLive`))
	eval[bool](b, `document.querySelector('button[value="seed"]').focus(), true`)
	b.do(chromedp.KeyEvent(kb.Enter))
	b.until(`document.querySelector("#notice .ok")`)
	assert.Equal(t, "seed", eval[string](b, `document.activeElement.value`), "the focus stays on the button")
	b.until(`!document.querySelector("#notice .ok")`)
}

func TestPageWithoutScripts(t *testing.T) {
	b := open(t, "-action-duration", "0")
	_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	require.NoError(t, err)
	b.visit()
	assert.Equal(t, "Reloads every 5 s", eval[string](b, `document.getElementById("live-text").innerText`))
	b.do(chromedp.WaitNotVisible(chromedp.CSS("#pause")))
	_, err = b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.NoError(t, err)
	b.eventually(`document.getElementById("droplet-500000001") !== null`)

	b.follow(`.live a`, "/?refresh=off")
	assert.Equal(t, "Does not reload", eval[string](b, `document.getElementById("live-text").innerText`))
	b.follow(`button[value="seed"]`, "/?notice=1")
	assert.Contains(t, eval[string](b, `document.getElementById("notice").innerText`), "3 Droplets were added.")
	assert.Equal(t, "4", eval[string](b, `document.getElementById("droplet-count").innerText`))
	b.follow(`#droplet-500000001 button[value="delete"]`, "/_fake/ui/do")
	assert.Contains(t, eval[string](b, `document.body.innerText`), "Delete this Droplet?")
	b.follow(`button[name="confirm"]`, "/?notice=2")
	assert.Contains(t, eval[string](b, `document.getElementById("notice").innerText`), "The Droplet was deleted.")
	assert.Equal(t, "3", eval[string](b, `document.getElementById("droplet-count").innerText`))
}

// follow clicks a link or a button and waits until the page with the URL has loaded.
func (b *tab) follow(selector, url string) {
	b.t.Helper()
	b.click(selector)
	b.eventually(`document.readyState === "complete" && location.pathname + location.search === "` + url + `"`)
}

// eventually waits until an expression is true. It polls from outside the browser, because the page cannot poll without scripts.
func (b *tab) eventually(expression string) {
	b.t.Helper()
	require.Eventually(b.t, func() bool {
		ok, err := chromedp.Run(b.ctx, chromedp.Evaluate[bool](expression))
		return err == nil && ok
	}, 15*time.Second, 50*time.Millisecond, expression)
}
