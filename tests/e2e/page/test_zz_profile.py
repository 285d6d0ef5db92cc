import json, collections
from tests.e2e.page.test_many_jobs import *
from tests.e2e.page.test_many_jobs import visitor_of_many
for _n in list(globals()):
    if _n.startswith("test_first"): del globals()[_n]
async def test_profile(home, front, visitor_of_many):
    page = visitor_of_many
    cdp = await page.context.new_cdp_session(page)
    await page.goto("/")
    await page.locator("input[name=password]").fill(PASSWORD)
    await cdp.send("Performance.enable", {"timeDomain": "threadTicks"})
    await cdp.send("Profiler.enable"); await cdp.send("Profiler.start")
    async def metrics():
        m=(await cdp.send("Performance.getMetrics"))["metrics"]; return {x["name"]:x["value"] for x in m}
    m0=await metrics()
    await page.locator("form button.primary").click()
    await page.locator("[data-job]").first.wait_for()
    m1=await metrics()
    await expect(page.locator("[data-job]")).to_have_count(JOBS, timeout=30000)
    m2=await metrics()
    prof=(await cdp.send("Profiler.stop"))["profile"]
    def top(prof):
        nodes={n["id"]:n for n in prof["nodes"]}; t=collections.Counter()
        for i,d in zip(prof["samples"],prof["timeDeltas"]):
            f=nodes[i]["callFrame"]; t[f["functionName"]+":"+str(f["lineNumber"])]+=d/1000
        return t.most_common(22)
    for k in ("TaskDuration","ScriptDuration","LayoutDuration","RecalcStyleDuration"):
        print(k, round(m1[k]-m0[k],3), round(m2[k]-m1[k],3))
    print(top(prof))
    await cdp.send("Profiler.start")
    m2=await metrics()
    seen=await page.evaluate(WATCH_FRAMES, WATCHED_MS); print(seen)
    m3=await metrics()
    prof=(await cdp.send("Profiler.stop"))["profile"]
    for k in ("TaskDuration","ScriptDuration","LayoutDuration","RecalcStyleDuration"):
        print(k, round(m3[k]-m2[k],3))
    print(top(prof))
