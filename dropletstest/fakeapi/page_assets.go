package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"html/template"
	"mime"
	"net/http"
	"path"
	"time"
)

//go:embed page
var pageFiles embed.FS

var templates = template.Must(template.New("").ParseFS(pageFiles, "page/*.html"))

// asset is a file of the page with its ETag.
type asset struct {
	name    string
	content []byte
	etag    string
}

// assets are the files that the browser loads, by name.
var assets = map[string]asset{
	"colors.css": newAsset("colors.css"),
	"style.css":  newAsset("style.css"),
	"script.js":  newAsset("script.js"),
	"morph.js":   newAsset("morph.js"),
	"icon.svg":   newAsset("icon.svg"),
}

func newAsset(name string) asset {
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		panic(err) // the file is part of the program
	}
	return asset{name, content, `"` + hash(content) + `"`}
}

// ServeHTTP serves the file. The browser asks each time whether it changed, so that it never has files of another version.
func (a asset) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-cache")
	h.Set("Content-Type", mime.TypeByExtension(path.Ext(a.name)))
	h.Set("ETag", a.etag)
	http.ServeContent(w, r, a.name, time.Time{}, bytes.NewReader(a.content))
}

// hash returns a short hash of content.
func hash(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:8])
}
