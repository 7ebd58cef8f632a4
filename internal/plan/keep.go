package plan

import (
	"stormbus/internal/board"
)

// tables plans one for each thing of a service that keeps its things in tables.
func (p *planner) tables() {
	for _, service := range board.Names(p.board.Services) {
		s := p.board.Services[service]
		switch s.Store {
		case "dynamodb":
		case "s3":
			p.missing("services."+service, "store: s3 is not planned yet, so it has no bucket")
			continue
		default:
			continue
		}
		for _, thing := range s.Owns {
			item := "services." + service
			switch t := p.board.Things[thing]; {
			case t == nil:
				p.missing(item, until(4, "there is no thing %s, so it has no table", thing))
				continue
			case t.Key == "":
				p.missing("things."+thing, until(4, "it has no key yet, so it has no table"))
				continue
			}
			table := Table{Name: p.name(service, thing), Service: service, Thing: thing, Key: p.board.Things[thing].Key}
			if p.claim(TableKind, table.Name, maxTableName, item+": "+thing) {
				p.plan.Tables = append(p.plan.Tables, table)
			}
		}
	}
}

// noSignIn says that whoever comes may do it.
const noSignIn = "none"

// actors plans how those sign in who have to.
func (p *planner) actors() {
	for _, name := range board.Names(p.board.Actors) {
		if p.signIn(name) != "" {
			p.plan.SignIns = append(p.plan.SignIns, SignIn{Name: name, Auth: p.board.Actors[name].Auth})
		}
		if p.board.Actors[name].Auth != "" {
			continue
		}
		for _, trigger := range board.Names(p.board.Triggers) {
			if t := p.board.Triggers[trigger]; t.From == name && t.HTTP != "" {
				p.missing("actors."+name, until(3, "it does not say how they sign in (auth), so everybody may use %s", t.HTTP))
			}
		}
	}
}

// signIn is the actor, if he has to sign in.
func (p *planner) signIn(actor string) string {
	if a := p.board.Actors[actor]; a != nil && a.Auth != "" && a.Auth != noSignIn {
		return actor
	}
	return ""
}
