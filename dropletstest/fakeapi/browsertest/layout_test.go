package browsertest

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// lowContrast is a JavaScript expression for the texts whose contrast with their background is below level AA of WCAG 2.2.
const lowContrast = `(() => {
	const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
	const rgba = (color) => {
		canvas.clearRect(0, 0, 1, 1);
		canvas.fillStyle = color;
		canvas.fillRect(0, 0, 1, 1);
		return [...canvas.getImageData(0, 0, 1, 1).data];
	};
	const luminance = (c) => c.slice(0, 3).map((v) => v / 255).map((v) => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
		.reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
	const background = (e) => {
		for (; e; e = e.parentElement) {
			const color = rgba(getComputedStyle(e).backgroundColor);
			if (color[3] === 255) return color;
		}
		return [255, 255, 255, 255];
	};
	const failures = [];
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let checked = 0;
	while (walker.nextNode()) {
		const e = walker.currentNode.parentElement;
		if (!walker.currentNode.nodeValue.trim() || !e.checkVisibility() || e.closest("noscript, script, .skip")) continue;
		checked++;
		const [a, b] = [luminance(rgba(getComputedStyle(e).color)), luminance(background(e))];
		const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
		if (ratio < 4.5) failures.push(ratio.toFixed(2) + ": " + e.outerHTML);
	}
	return checked > 30 ? failures : ["only " + checked + " texts were checked"];
})()`

func TestContrastInBothColorSchemes(t *testing.T) {
	b := open(t, "-seed", "3", "-action-duration", "1h", "-rate-limit", "250,5000")
	prepareAccount(b)
	var backgrounds []string
	for _, scheme := range []string{"light", "dark"} {
		b.media("prefers-color-scheme", scheme)
		b.visit()
		b.click(`#droplet-500000001 button[value="reboot"]`)
		b.until(`document.querySelector(".notice.failed")`)
		b.click(`#droplet-500000001 button[value="delete"]`)
		b.do(chromedp.WaitVisible(chromedp.CSS("#confirm")))
		assert.Empty(t, eval[[]string](b, lowContrast), scheme)
		backgrounds = append(backgrounds, eval[string](b, `getComputedStyle(document.body).backgroundColor`))
	}
	assert.NotEqual(t, backgrounds[0], backgrounds[1])
}

func TestLayoutOnAPhone(t *testing.T) {
	b := open(t, "-seed", "3", "-action-duration", "1h", "-rate-limit", "250,5000")
	prepareAccount(b)
	_, err := b.client().Droplets.Create(t.Context(), createRequest(strings.Repeat("long-name", 20)))
	require.NoError(t, err)
	sendLongRequest(b)
	b.do(chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.visit()
	checkWidth(b, 360)
	small := eval[[]string](b, `[...document.querySelectorAll("button, a.button, select")].filter((e) => e.checkVisibility()).flatMap((e) => {
		const r = e.getBoundingClientRect();
		return r.height >= 40 && r.width >= 40 && r.left >= 0 && r.right <= 360 ? [] : [e.outerHTML + JSON.stringify(r)];
	})`)
	assert.Empty(t, small, "touch targets")
	assert.Empty(t, covered(b), "elements that others cover")
	b.click(`#droplet-500000002 button[value="reboot"]`)
	b.until(`document.querySelector(".notice.ok")`)
	checkWidth(b, 360)
}

func TestLayoutAtOtherWidths(t *testing.T) {
	b := open(t, "-seed", "3", "-action-duration", "1h")
	prepareAccount(b)
	sendLongRequest(b)
	for _, width := range []int64{320, 768, 1024, 1120, 1280, 1920} {
		b.do(chromedp.EmulateViewport(width, 900))
		b.visit()
		checkWidth(b, width)
		assert.Empty(t, covered(b), "at %d", width)
	}
}

// checkWidth checks that the page cannot be scrolled horizontally, and that no element is cut off.
func checkWidth(b *tab, width int64) {
	b.t.Helper()
	assert.LessOrEqual(b.t, eval[int64](b, `Math.max(document.documentElement.scrollWidth, document.body.scrollWidth)`), width)
	wide := eval[[]string](b, `[...document.querySelectorAll("main *")].filter((e) => e.checkVisibility() && !e.closest("thead, select")
		&& e.getBoundingClientRect().right > innerWidth + 0.5).map((e) => e.outerHTML)`)
	assert.Empty(b.t, wide)
}

// covered returns the buttons and selects whose center is covered by another element.
func covered(b *tab) []string {
	b.t.Helper()
	return eval[[]string](b, `[...document.querySelectorAll("main button, main select")].filter((e) => {
		e.scrollIntoView({block: "center"});
		const r = e.getBoundingClientRect();
		return !e.contains(document.elementFromPoint(r.x + r.width / 2, r.y + r.height / 2));
	}).map((e) => e.outerHTML)`)
}

// sendLongRequest sends a request with a long path and a long user agent, neither of which has a place for a line break.
func sendLongRequest(b *tab) {
	b.t.Helper()
	req, err := newRequest(b.t, b.url+"/v2/"+strings.Repeat("path", 100))
	require.NoError(b.t, err)
	req.Header.Set("User-Agent", strings.Repeat("agent", 100))
	require.NoError(b.t, discard(req))
}

// TestAccessibility checks the accessibility tree, which screen readers use.
func TestAccessibility(t *testing.T) {
	b := open(t, "-seed", "2", "-action-duration", "1h")
	prepareAccount(b)
	for _, width := range []int64{360, 1280} {
		b.do(chromedp.EmulateViewport(width, 900))
		b.visit()
		tree, err := chromedp.Call(b.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
		require.NoError(t, err)
		count := make(map[string]int)
		for _, node := range tree.Nodes {
			if node.Ignored || node.Role == nil {
				continue
			}
			role, name := axText(node.Role), axText(node.Name)
			count[role]++
			switch role {
			case "button", "combobox", "progressbar", "ProgressIndicator", "meter", "link", "columnheader", "rowheader", "heading", "image":
				assert.NotEmpty(t, name, "%s %s at %d", role, node.NodeID, width)
			}
		}
		assert.Equal(t, 2, count["table"], "at %d: %v", width, count)
		assert.Equal(t, 11, count["columnheader"], "at %d: %v", width, count)
		assert.GreaterOrEqual(t, count["rowheader"], 3, "at %d: %v", width, count)
		assert.GreaterOrEqual(t, count["progressbar"]+count["ProgressIndicator"], 2, "at %d: %v", width, count)
		assert.Positive(t, count["meter"], "at %d: %v", width, count)
		assert.GreaterOrEqual(t, count["status"], 2, "at %d: %v", width, count)
		assert.Equal(t, 1, count["main"], "at %d: %v", width, count)
	}
	assert.Equal(t, "en", eval[string](b, `document.documentElement.lang`))
}

func axText(v *accessibility.Value) string {
	if v == nil {
		return ""
	}
	return strings.Trim(v.Value.String(), `"`)
}

func TestReducedMotion(t *testing.T) {
	b := open(t, "-action-duration", "1h")
	_, err := b.client().Droplets.Create(t.Context(), createRequest("web-1"))
	require.NoError(t, err)
	b.media("prefers-reduced-motion", "reduce")
	b.visit()
	moving := eval[[]string](b, `[...document.querySelectorAll("*")].filter((e) => {
		const style = getComputedStyle(e);
		return style.transitionDuration !== "0s" || style.animationName !== "none";
	}).map((e) => e.outerHTML)`)
	assert.Empty(t, moving)
}

func newRequest(t *testing.T, url string) (*http.Request, error) {
	t.Helper()
	return http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
}

// discard sends a request and ignores its response.
func discard(req *http.Request) error {
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}
