package board

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// The picture's measures, in pixels.
const (
	boxWidth, boxHeight = 190, 64
	busWidth, busHeight = 170, 56
	pictureMargin       = 40
	lineHeight          = 15
	aroundPerBox        = 150 // of the circle on which the services stand
	wider               = 2   // times as far to the sides as up and down: names are long
)

// SVG draws the Result: the services round the one bus, and on the lines between
// them what is sent (to the bus) and read (from it).
func (b *Board) SVG() string {
	services := Names(b.Services)
	radius := max(230, float64(len(services)*aroundPerBox)/math.Pi)
	width, height := 2*wider*radius+boxWidth+2*pictureMargin, 2*radius+boxHeight+2*pictureMargin
	center := point{width / 2, height / 2}
	var w strings.Builder
	fmt.Fprintf(&w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f %.0f" width="%.0f" height="%.0f" role="img" font-family="system-ui, sans-serif" font-size="12">`+"\n", width, height, width, height)
	fmt.Fprintf(&w, "<title>%s</title>\n", html.EscapeString(orElse(b.Name, "storm")))
	w.WriteString(`<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#666"/></marker></defs>` + "\n")
	links := map[string][]link{}
	for _, l := range b.links() {
		links[l.service] = append(links[l.service], l)
	}
	for i, service := range services {
		b.drawService(&w, service, links[service], center, around(center, radius, i, len(services)))
	}
	name := html.EscapeString(orElse(b.Bus.Name, orElse(b.Name, "bus")))
	fmt.Fprintf(&w, `<rect x="%.0f" y="%.0f" width="%d" height="%d" rx="28" fill="#f59e0b"/><text x="%.0f" y="%.0f" text-anchor="middle" font-weight="600">%s</text>`+"\n",
		center.x-busWidth/2, center.y-busHeight/2, busWidth, busHeight, center.x, center.y+4, name)
	w.WriteString("</svg>\n")
	return w.String()
}

type point struct{ x, y float64 }

// around is the place of the i-th of n services, the first at the top.
func around(center point, radius float64, i, n int) point {
	angle := 2*math.Pi*float64(i)/float64(max(1, n)) - math.Pi/2
	return point{center.x + wider*radius*math.Cos(angle), center.y + radius*math.Sin(angle)}
}

// drawService draws a service and its lines to and from the bus.
func (b *Board) drawService(w *strings.Builder, service string, links []link, center, at point) {
	// The two lines run beside each other.
	length := math.Hypot(at.x-center.x, at.y-center.y)
	aside := point{-(at.y - center.y) / length * 9, (at.x - center.x) / length * 9}
	for _, l := range links {
		from, to := point{at.x + aside.x, at.y + aside.y}, point{center.x + aside.x, center.y + aside.y}
		beside, color := aside, "#b45309"
		if !l.sends {
			from, to = point{center.x - aside.x, center.y - aside.y}, point{at.x - aside.x, at.y - aside.y}
			beside, color = point{-aside.x, -aside.y}, "#6d28d9"
		}
		edge := border(to, from, map[bool]point{true: {busWidth / 2, busHeight / 2}, false: {boxWidth / 2, boxHeight / 2}}[l.sends])
		fmt.Fprintf(w, `<line x1="%.0f" y1="%.0f" x2="%.0f" y2="%.0f" stroke="#999" marker-end="url(#tip)"/>`+"\n", from.x, from.y, edge.x, edge.y)
		label(w, l.events, point{(from.x + to.x) / 2, (from.y + to.y) / 2}, beside, color)
	}
	fmt.Fprintf(w, `<rect x="%.0f" y="%.0f" width="%d" height="%d" rx="6" fill="#fff" stroke="#334155"/>`+"\n", at.x-boxWidth/2, at.y-boxHeight/2, boxWidth, boxHeight)
	s := b.Services[service]
	for i, line := range []string{service, s.In, strings.Join(s.Owns, ", ")} {
		weight := map[bool]string{true: ` font-weight="600"`}[i == 0]
		fmt.Fprintf(w, `<text x="%.0f" y="%.0f" text-anchor="middle"%s>%s</text>`+"\n", at.x, at.y-12+float64(i)*18, weight, html.EscapeString(line))
	}
}

// label writes the names of events beside the middle of a line, on the side that
// beside points to.
func label(w *strings.Builder, events []string, at, beside point, color string) {
	anchor := "middle"
	y := at.y + 2*lineHeight/3 + lineHeight/2 // below
	if beside.y < 0 {
		y = at.y - lineHeight/2 - float64((len(events)-1)*lineHeight) // above
	}
	if math.Abs(beside.x) > math.Abs(beside.y) {
		anchor = map[bool]string{true: "start", false: "end"}[beside.x > 0]
		at.x += math.Copysign(6, beside.x)
		y = at.y - float64((len(events)-1)*lineHeight)/2 + lineHeight/3
	}
	for i, event := range events {
		text := html.EscapeString(event)
		for _, style := range []string{`fill="none" stroke="#fff" stroke-width="3"`, `fill="` + color + `"`} {
			fmt.Fprintf(w, `<text x="%.0f" y="%.0f" text-anchor="%s" %s>%s</text>`+"\n", at.x, y+float64(i*lineHeight), anchor, style, text)
		}
	}
}

// border is where a line from from to the middle of a box enters the box, which
// is twice as large as half says.
func border(middle, from, half point) point {
	dx, dy := from.x-middle.x, from.y-middle.y
	scale := math.Inf(1)
	if dx != 0 {
		scale = half.x / math.Abs(dx)
	}
	if dy != 0 {
		scale = min(scale, half.y/math.Abs(dy))
	}
	if math.IsInf(scale, 1) {
		return middle
	}
	return point{middle.x + dx*scale, middle.y + dy*scale}
}

// HTML is a page with the picture and the board as text.
func (b *Board) HTML() string {
	title := html.EscapeString(orElse(b.Name, "storm"))
	return "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>" + title + "</title>\n" +
		"<style>body{font-family:system-ui,sans-serif;margin:2rem}svg{max-width:100%;height:auto}pre{overflow:auto}</style>\n" +
		"<h1>" + title + "</h1>\n" + b.SVG() + "<pre>" + html.EscapeString(b.Text()) + "</pre>\n</html>\n"
}
