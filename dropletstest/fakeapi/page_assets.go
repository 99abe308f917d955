package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"net/http"
	"time"
)

//go:embed page
var pageFiles embed.FS

var templates = template.Must(template.New("").ParseFS(pageFiles, "page/*.html"))

// asset is a file of the page. Its content type is fixed, because that of package mime depends on the machine.
type asset struct {
	contentType string
	content     []byte
	etag        string
}

// assets are the files that the browser loads, by name.
var assets = map[string]asset{
	"colors.css": newAsset("colors.css", "text/css; charset=utf-8"),
	"style.css":  newAsset("style.css", "text/css; charset=utf-8"),
	"script.js":  newAsset("script.js", "text/javascript; charset=utf-8"),
	"morph.js":   newAsset("morph.js", "text/javascript; charset=utf-8"),
	"icon.svg":   newAsset("icon.svg", "image/svg+xml"),
}

func newAsset(name, contentType string) asset {
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return asset{contentType, content, `"` + hash(content) + `"`}
}

// ServeHTTP serves the file. The browser must revalidate it before each use, so that it does not combine files of different versions
// of the program.
func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", a.contentType)
	h.Set("ETag", a.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(a.content))
}

// hash returns a short hash of content.
func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}
