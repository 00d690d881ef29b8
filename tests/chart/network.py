#!/usr/bin/env python3
"""Who may reach whom: the rendered NetworkPolicies, evaluated as Kubernetes documents them, against reach.txt.

A policy selects pods of its own namespace; a pod that none selects for a direction is open in it; else one rule of the
selecting policies must allow the peer and the port. A connection needs both ends. An ipBlock is held to match pods by their
addresses too: plug-ins differ, and this is the wider reading. That a plug-in enforces any of it is not shown here.
"""

import ipaddress

import chart
import tap

PORTS = (53, 443, 5432, 5900, 6379, 6443, 8080, 9090)
PLANE, SESSIONS = "streamspace", "streamspace-sessions"


def component(which):
    return {"app.kubernetes.io/name": "streamspace", "app.kubernetes.io/instance": "streamspace",
            "app.kubernetes.io/component": which}


# name: (namespace, labels, address); no namespace: an address outside, of which only the pod's side is judged.
ENDS = {
    **{c: (PLANE, component(c), f"10.244.0.{n}") for n, c in enumerate(
        ("ui", "api", "api-2", "k8s-agent", "postgresql", "redis", "migrate", "init", "cleanup", "test", "stranger"), 10)},
    "session": (SESSIONS, {"stream.space/session-id": "s-1"}, "10.244.1.1"),
    "session-2": (SESSIONS, {"stream.space/session-id": "s-2"}, "10.244.1.2"),
    "beside-sessions": (SESSIONS, {"app": "probe"}, "10.244.1.3"),
    "elsewhere": ("default", {"app": "any"}, "10.244.2.1"),
    "false-agent": ("default", component("k8s-agent"), "10.244.2.2"),
    "dns": ("kube-system", {"k8s-app": "kube-dns"}, "10.244.3.1"),
    "ingress-controller": ("ingress", {"app": "traefik"}, "10.244.4.1"),
    "internet": (None, {}, "198.51.100.7"),
    "internet-6": (None, {}, "2a00:1450::1"),
    "private": (None, {}, "192.168.7.7"),
    "metadata": (None, {}, "169.254.169.254"),
    "service": (None, {}, "10.96.0.1"),
    "private-6": (None, {}, "fd00::1"),
}
# Two servers are pods of one component; a stranger in the control plane's namespace is none of ours.
ENDS["api-2"] = (PLANE, component("api"), ENDS["api-2"][2])
ENDS["stranger"] = (PLANE, {"app": "stranger"}, ENDS["stranger"][2])


def selected(selector, labels):
    if any(labels.get(k) != v for k, v in (selector.get("matchLabels") or {}).items()):
        return False
    for e in selector.get("matchExpressions") or []:
        have, values = labels.get(e["key"]), e.get("values", [])
        holds = {"Exists": have is not None, "DoesNotExist": have is None, "In": have in values, "NotIn": have not in values}
        if not holds[e["operator"]]:
            return False
    return True


def peer_matches(peer, home, end):
    space, labels, address = end
    if "ipBlock" in peer:
        ip = ipaddress.ip_address(address)

        def inside(cidr):
            network = ipaddress.ip_network(cidr)
            return ip.version == network.version and ip in network
        return inside(peer["ipBlock"]["cidr"]) and not any(map(inside, peer["ipBlock"].get("except", [])))
    if space is None:
        return False
    if "namespaceSelector" in peer:
        if not selected(peer["namespaceSelector"], {"kubernetes.io/metadata.name": space}):
            return False
    elif space != home:
        return False
    return selected(peer.get("podSelector", {}), labels)


def one_way(policies, pod, direction, other, port):
    """Whether the policies of `pod` allow a connection from (Ingress) or to (Egress) the other end."""
    space, labels, _ = pod
    if space is None:
        return True
    mine = [p for p in policies if p["metadata"]["namespace"] == space and selected(p["spec"]["podSelector"], labels)
            and direction in p["spec"]["policyTypes"]]
    key, ends = ("ingress", "from") if direction == "Ingress" else ("egress", "to")
    for policy in mine:
        for rule in policy["spec"].get(key) or []:
            ports = rule.get("ports")
            if ports and not any(p["port"] == port and p.get("protocol", "TCP") == "TCP" for p in ports):
                continue
            if not rule.get(ends) or any(peer_matches(peer, space, other) for peer in rule[ends]):
                return True
    return not mine


def reach(policies):
    """All (from, to, port) that are allowed, without those where neither end is ours to judge."""
    ours = {name for name, (space, labels, _) in ENDS.items()
            if space == SESSIONS or (space == PLANE and "app.kubernetes.io/name" in labels)}
    return {(a, b, port) for a in ENDS for b in ENDS for port in PORTS
            if a != b and (a in ours or b in ours)
            and one_way(policies, ENDS[a], "Egress", ENDS[b], port)
            and one_way(policies, ENDS[b], "Ingress", ENDS[a], port)}


def table(variant):
    """reach.txt: `FROM -> TO PORT...` below `[VARIANT...]`."""
    wanted, on = set(), False
    for line in (chart.HERE / "reach.txt").read_text().splitlines():
        line = line.partition("#")[0].strip()
        if line.startswith("["):
            on = variant in line.strip("[]").split()
        elif line and on:
            source, to = line.split(" -> ")
            targets, *ports = to.split()
            for a in source.split(","):
                for b in targets.split(","):
                    wanted |= {(a, b, int(p)) for p in ports if a != b}
    return wanted


def show(paths):
    return [f"{a} -> {b}:{port}" for a, b, port in sorted(paths)]


def policies_of(variant, *words):
    return [o for o in chart.render(variant, *words) if o["kind"] == "NetworkPolicy"]


def main(t):
    for variant in ("record", "ha"):
        policies, wanted = policies_of(variant), table(variant)
        got = reach(policies)
        t.eq(show(got - wanted), [], f"{variant}: nobody reaches what reach.txt does not say")
        t.eq(show(wanted - got), [], f"{variant}: everybody reaches what it says")
        for policy in policies:
            rest = [p for p in policies if p is not policy]
            t.ok(reach(rest) != wanted, f"{variant}: without {chart.name(policy)} that would not hold")
            for direction in ("ingress", "egress"):
                for n in range(len(policy["spec"].get(direction) or [])):
                    rules = policy["spec"][direction]
                    cut = {**policy, "spec": {**policy["spec"], direction: rules[:n] + rules[n + 1:]}}
                    # DNS by UDP is not in the table; a rule for DNS alone shows by its TCP half.
                    t.ok(reach(rest + [cut]) != wanted, f"{variant}: nor without rule {n} of {direction} in {chart.name(policy)}")
    closed = reach(policies_of("record", "--set", "networkPolicy.sessionInternet=false"))
    t.eq([p for p in show(closed) if p.startswith("session ->") and "dns" not in p and "-> ui:8080" not in p], [],
         "networkPolicy.sessionInternet=false leaves a session DNS alone")
    t.eq([o for o in chart.render("off") if o["kind"] == "NetworkPolicy"], [], "networkPolicy.enabled=false makes none")


if __name__ == "__main__":
    tap.run(main)
