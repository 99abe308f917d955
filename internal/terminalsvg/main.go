// Command terminalsvg reads a text and draws it as a picture of a terminal, in SVG. make picture draws the picture in the README
// with it:
//
//	go run ./examples/quickstart | go run ./internal/terminalsvg -command "go run ./examples/quickstart" -columns 118
package main

import (
	"bytes"
	"flag"
	"fmt"
	"html/template"
	"io"
	"os"
	"strings"
	"unicode/utf8"
)

func main() {
	command := flag.String("command", "", "the command that wrote the text, shown as the first line")
	columns := flag.Int("columns", 110, "the number of columns; longer lines are cut")
	flag.Parse()
	picture, err := draw(os.Stdin, *command, *columns)
	if err == nil {
		_, err = os.Stdout.Write(picture)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "terminalsvg:", err)
		os.Exit(1)
	}
}

// The size of a character and of the margin, in pixels.
const (
	charWidth  = 8
	lineHeight = 19
	margin     = 16
)

// line is one line of text.
type line struct {
	Y     int // in pixels
	Text  string
	Class string
}

// draw returns the picture of the text in r.
func draw(r io.Reader, command string, columns int) ([]byte, error) {
	text, err := io.ReadAll(r)
	if err != nil {
		return nil, err
	}
	all := strings.Split(strings.TrimRight(string(text), "\n"), "\n")
	if command != "" {
		all = append([]string{"$ " + command}, all...)
	}
	var lines []line
	for i, s := range all {
		lines = append(lines, line{Y: margin + (i+1)*lineHeight - 5, Text: cut(s, columns), Class: class(s)})
	}
	var b bytes.Buffer
	err = svg.Execute(&b, struct {
		Width, Height int
		Lines         []line
		Label         string
	}{2*margin + columns*charWidth, 2*margin + len(lines)*lineHeight, lines, "The output of " + command})
	return b.Bytes(), err
}

// cut shortens a line to a number of columns; the last one shows that it was cut.
func cut(s string, columns int) string {
	if utf8.RuneCountInString(s) <= columns {
		return s
	}
	return string([]rune(s)[:columns-1]) + "…"
}

// class returns the CSS class of a line: commands and headings are emphasized.
func class(s string) string {
	switch {
	case strings.HasPrefix(s, "$ "), strings.HasPrefix(s, "== "):
		return "strong"
	default:
		return "plain"
	}
}

var svg = template.Must(template.New("svg").Parse(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {{.Width}} {{.Height}}" width="{{.Width}}" height="{{.Height}}" role="img" aria-label="{{.Label}}">
<style>
  rect { fill: #0d1b2a; }
  text { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: #d7e3f0; }
  .strong { fill: #7fd1ff; font-weight: bold; }
</style>
<rect width="100%" height="100%" rx="8"/>
{{range .Lines}}<text class="{{.Class}}" x="16" y="{{.Y}}" xml:space="preserve">{{.Text}}</text>
{{end}}</svg>
`))
