package main

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// formatInt returns a number with commas: 10,000.
func formatInt(n int) string {
	if n < 0 {
		return "-" + formatInt(-n)
	}
	text := strconv.Itoa(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// formatPrice returns a price in USD.
func formatPrice(usd float64) string {
	cents := int(usd*100 + 0.5)
	return fmt.Sprintf("$%s.%02d", formatInt(cents/100), cents%100)
}

// formatMemory returns a size in MB, or in GB if it is a multiple of 1,024 MB.
func formatMemory(mb int) string {
	if mb >= 1024 && mb%1024 == 0 {
		return formatInt(mb/1024) + " GB"
	}
	return formatInt(mb) + " MB"
}

// formatDuration returns a duration in one or two units. Longer durations have fewer decimals.
func formatDuration(d time.Duration) string {
	switch {
	case d == 0:
		return "0 ms" // usual under a manual clock
	case d < time.Millisecond:
		return fmt.Sprintf("%.2f ms", float64(d)/float64(time.Millisecond))
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	case d < time.Minute:
		return trimZeros(fmt.Sprintf("%.1f", d.Seconds())) + " s"
	case d < time.Hour:
		return fmt.Sprintf("%d min %d s", int(d.Minutes()), int(d.Seconds())%60)
	default:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
}

// formatElapsed returns a duration that grows while it is displayed. Below a minute it always has one decimal, so that its width changes
// little.
func formatElapsed(d time.Duration) string {
	if d < time.Minute {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return formatDuration(d)
}

func trimZeros(text string) string {
	if n := len(text) - len(".0"); n > 0 && text[n:] == ".0" {
		return text[:n]
	}
	return text
}

// formatWindow returns the length of a rate limit window: "minute", "hour", "6 s".
func formatWindow(d time.Duration) string {
	switch d {
	case time.Minute:
		return "minute"
	case time.Hour:
		return "hour"
	default:
		return formatDuration(d)
	}
}

// shorten returns text without invalid UTF-8. A text of more than limit bytes is cut and ends with an ellipsis.
func shorten(text string, limit int) string {
	if len(text) > limit {
		return strings.ToValidUTF8(text[:limit], "") + "…"
	}
	return strings.ToValidUTF8(text, "\ufffd")
}
