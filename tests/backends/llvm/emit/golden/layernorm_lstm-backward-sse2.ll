
declare void @gw.barrier(ptr, i32)
declare void @gw_gemm(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, i1)
declare void @gw_gemv(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemv_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i64, i64, i64, i1)
declare void @gw_gemm_bf16(i64, ptr, i64, ptr, i64, ptr, i64, i64, i1, ptr)

define internal void @copy(ptr %to, ptr %from, i64 %n) nounwind {
entry:
  %v1 = sdiv i64 %n, 4
  br label %head2
head2:
  %v3 = phi i64 [ 0, %entry ], [ %v4, %body2 ]
  %v5 = icmp slt i64 %v3, %v1
  br i1 %v5, label %body2, label %done2
body2:
  %v6 = mul i64 %v3, 4
  %v7 = getelementptr inbounds float, ptr %from, i64 %v6
  %v8 = load <4 x float>, ptr %v7, align 4
  %v9 = getelementptr inbounds float, ptr %to, i64 %v6
  store <4 x float> %v8, ptr %v9, align 4
  %v4 = add nuw nsw i64 %v3, 1
  br label %head2
done2:
  %v10 = mul i64 %v1, 4
  %v11 = sub i64 %n, %v10
  br label %head12
head12:
  %v13 = phi i64 [ 0, %done2 ], [ %v14, %body12 ]
  %v15 = icmp slt i64 %v13, %v11
  br i1 %v15, label %body12, label %done12
body12:
  %v16 = add i64 %v10, %v13
  %v17 = getelementptr inbounds float, ptr %from, i64 %v16
  %v18 = load float, ptr %v17, align 4
  %v19 = getelementptr inbounds float, ptr %to, i64 %v16
  store float %v18, ptr %v19, align 4
  %v14 = add nuw nsw i64 %v13, 1
  br label %head12
done12:
  ret void
}

define void @kernel(ptr noalias readonly %args, i32 %thread, i32 %threads) nounwind {
entry:
  %v1 = getelementptr inbounds i64, ptr %args, i64 0
  %v2 = load ptr, ptr %v1, align 8
  %v3 = getelementptr inbounds i64, ptr %args, i64 1
  %v4 = load i64, ptr %v3, align 8
  %v5 = getelementptr inbounds i64, ptr %args, i64 2
  %v6 = load i64, ptr %v5, align 8
  %v7 = getelementptr inbounds i64, ptr %args, i64 3
  %v8 = load ptr, ptr %v7, align 8
  %v9 = getelementptr inbounds i64, ptr %args, i64 4
  %v10 = load i64, ptr %v9, align 8
  %v11 = getelementptr inbounds i64, ptr %args, i64 5
  %v12 = load i64, ptr %v11, align 8
  %v13 = getelementptr inbounds i64, ptr %args, i64 6
  %v14 = load ptr, ptr %v13, align 8
  %v15 = getelementptr inbounds i64, ptr %args, i64 7
  %v16 = load i64, ptr %v15, align 8
  %v17 = getelementptr inbounds i64, ptr %args, i64 8
  %v18 = load ptr, ptr %v17, align 8
  %v19 = getelementptr inbounds i64, ptr %args, i64 9
  %v20 = load i64, ptr %v19, align 8
  %v21 = getelementptr inbounds i64, ptr %args, i64 10
  %v22 = load ptr, ptr %v21, align 8
  %v23 = getelementptr inbounds i64, ptr %args, i64 11
  %v24 = load i64, ptr %v23, align 8
  %v25 = getelementptr inbounds i64, ptr %args, i64 12
  %v26 = load ptr, ptr %v25, align 8
  %v27 = getelementptr inbounds i64, ptr %args, i64 13
  %v28 = load i64, ptr %v27, align 8
  %v29 = getelementptr inbounds i64, ptr %args, i64 14
  %v30 = load ptr, ptr %v29, align 8
  %v31 = getelementptr inbounds i64, ptr %args, i64 15
  %v32 = load i64, ptr %v31, align 8
  %v33 = getelementptr inbounds i64, ptr %args, i64 16
  %v34 = load i64, ptr %v33, align 8
  %v35 = getelementptr inbounds i64, ptr %args, i64 17
  %v36 = load ptr, ptr %v35, align 8
  %v37 = getelementptr inbounds i64, ptr %args, i64 18
  %v38 = load i64, ptr %v37, align 8
  %v39 = getelementptr inbounds i64, ptr %args, i64 19
  %v40 = load ptr, ptr %v39, align 8
  %v41 = getelementptr inbounds i64, ptr %args, i64 20
  %v42 = load i64, ptr %v41, align 8
  %v43 = getelementptr inbounds i64, ptr %args, i64 21
  %v44 = load i64, ptr %v43, align 8
  %v45 = getelementptr inbounds i64, ptr %args, i64 22
  %v46 = load ptr, ptr %v45, align 8
  %v47 = getelementptr inbounds i64, ptr %args, i64 23
  %v48 = load i64, ptr %v47, align 8
  %v49 = getelementptr inbounds i64, ptr %args, i64 24
  %v50 = load ptr, ptr %v49, align 8
  %v51 = getelementptr inbounds i64, ptr %args, i64 25
  %v52 = load ptr, ptr %v51, align 8
  %v53 = getelementptr inbounds i64, ptr %args, i64 26
  %v54 = load ptr, ptr %v53, align 8
  %v55 = getelementptr inbounds i64, ptr %args, i64 27
  %v56 = load ptr, ptr %v55, align 8
  %v57 = getelementptr inbounds i64, ptr %args, i64 28
  %v58 = load i64, ptr %v57, align 8
  %v59 = getelementptr inbounds i64, ptr %args, i64 29
  %v60 = load i64, ptr %v59, align 8
  %v61 = getelementptr inbounds i64, ptr %args, i64 30
  %v62 = load i64, ptr %v61, align 8
  %v63 = getelementptr inbounds i64, ptr %args, i64 31
  %v64 = load ptr, ptr %v63, align 8
  %v65 = getelementptr inbounds i64, ptr %args, i64 32
  %v66 = load i64, ptr %v65, align 8
  %v67 = getelementptr inbounds i64, ptr %args, i64 33
  %v68 = load i64, ptr %v67, align 8
  %v69 = getelementptr inbounds i64, ptr %args, i64 34
  %v70 = load i64, ptr %v69, align 8
  %v71 = getelementptr inbounds i64, ptr %args, i64 35
  %v72 = load ptr, ptr %v71, align 8
  %v73 = getelementptr inbounds i64, ptr %args, i64 36
  %v74 = load i64, ptr %v73, align 8
  %v75 = getelementptr inbounds i64, ptr %args, i64 37
  %v76 = load ptr, ptr %v75, align 8
  %v77 = getelementptr inbounds i64, ptr %args, i64 38
  %v78 = load ptr, ptr %v77, align 8
  %v79 = getelementptr inbounds i64, ptr %args, i64 39
  %v80 = load ptr, ptr %v79, align 8
  %v81 = getelementptr inbounds i64, ptr %args, i64 40
  %v82 = load ptr, ptr %v81, align 8
  %v83 = getelementptr inbounds i64, ptr %args, i64 41
  %v84 = load ptr, ptr %v83, align 8
  %v85 = getelementptr inbounds i64, ptr %args, i64 42
  %v86 = load ptr, ptr %v85, align 8
  %v87 = getelementptr inbounds i64, ptr %args, i64 43
  %v88 = load ptr, ptr %v87, align 8
  %v89 = getelementptr inbounds i64, ptr %args, i64 44
  %v90 = load ptr, ptr %v89, align 8
  %v91 = getelementptr inbounds i64, ptr %args, i64 45
  %v92 = load ptr, ptr %v91, align 8
  %v93 = getelementptr inbounds i64, ptr %args, i64 46
  %v94 = load ptr, ptr %v93, align 8
  %v95 = getelementptr inbounds i64, ptr %args, i64 47
  %v96 = load ptr, ptr %v95, align 8
  %v97 = getelementptr inbounds i64, ptr %args, i64 48
  %v98 = load ptr, ptr %v97, align 8
  %v99 = getelementptr inbounds i64, ptr %args, i64 49
  %v100 = load ptr, ptr %v99, align 8
  %v101 = getelementptr inbounds i64, ptr %args, i64 50
  %v102 = load ptr, ptr %v101, align 8
  %v103 = getelementptr inbounds i64, ptr %args, i64 51
  %v104 = load ptr, ptr %v103, align 8
  %v105 = getelementptr inbounds i64, ptr %args, i64 52
  %v106 = load ptr, ptr %v105, align 8
  %v107 = getelementptr inbounds i64, ptr %args, i64 53
  %v108 = load ptr, ptr %v107, align 8
  %v109 = getelementptr inbounds i64, ptr %args, i64 54
  %v110 = load ptr, ptr %v109, align 8
  %v111 = getelementptr inbounds i64, ptr %args, i64 55
  %v112 = load ptr, ptr %v111, align 8
  %v113 = getelementptr inbounds i64, ptr %args, i64 56
  %v114 = load ptr, ptr %v113, align 8
  %v115 = getelementptr inbounds i64, ptr %args, i64 57
  %v116 = load ptr, ptr %v115, align 8
  %v117 = getelementptr inbounds i64, ptr %args, i64 58
  %v118 = load ptr, ptr %v117, align 8
  %v119 = getelementptr inbounds i64, ptr %args, i64 59
  %v120 = load ptr, ptr %v119, align 8
  %v121 = getelementptr inbounds i64, ptr %args, i64 60
  %v122 = load ptr, ptr %v121, align 8
  %v123 = getelementptr inbounds i64, ptr %args, i64 61
  %v124 = load ptr, ptr %v123, align 8
  %v125 = getelementptr inbounds i64, ptr %args, i64 62
  %v126 = load ptr, ptr %v125, align 8
  %v127 = getelementptr inbounds i64, ptr %args, i64 63
  %v128 = load ptr, ptr %v127, align 8
  %v129 = getelementptr inbounds i64, ptr %args, i64 64
  %v130 = load ptr, ptr %v129, align 8
  %v131 = getelementptr inbounds i64, ptr %args, i64 65
  %v132 = load ptr, ptr %v131, align 8
  %v133 = getelementptr inbounds i64, ptr %args, i64 66
  %v134 = load ptr, ptr %v133, align 8
  %v135 = getelementptr inbounds i64, ptr %args, i64 67
  %v136 = load ptr, ptr %v135, align 8
  %v137 = getelementptr inbounds i64, ptr %args, i64 68
  %v138 = load ptr, ptr %v137, align 8
  %v139 = getelementptr inbounds i64, ptr %args, i64 69
  %v140 = load ptr, ptr %v139, align 8
  %v141 = getelementptr inbounds i64, ptr %args, i64 70
  %v142 = load ptr, ptr %v141, align 8
  %v143 = getelementptr inbounds i64, ptr %args, i64 71
  %v144 = load ptr, ptr %v143, align 8
  %v145 = getelementptr inbounds i64, ptr %args, i64 72
  %v146 = load ptr, ptr %v145, align 8
  %v147 = getelementptr inbounds i64, ptr %args, i64 73
  %v148 = load ptr, ptr %v147, align 8
  %v149 = getelementptr inbounds i64, ptr %args, i64 74
  %v150 = load ptr, ptr %v149, align 8
  %v151 = getelementptr inbounds i64, ptr %args, i64 75
  %v152 = load ptr, ptr %v151, align 8
  %v153 = getelementptr inbounds i64, ptr %args, i64 76
  %v154 = load ptr, ptr %v153, align 8
  %v155 = alloca <4 x float>, align 64
  %v156 = alloca <4 x float>, align 64
  %v157 = alloca <4 x float>, align 64
  %v158 = alloca <4 x float>, align 64
  %v159 = alloca <4 x float>, align 64
  %v160 = alloca <4 x float>, align 64
  %v161 = alloca <4 x float>, align 64
  %v162 = alloca <4 x float>, align 64
  %v163 = alloca <4 x float>, align 64
  %v164 = alloca <4 x float>, align 64
  %v165 = alloca <4 x float>, align 64
  %v166 = alloca <4 x float>, align 64
  %v167 = alloca <4 x float>, align 64
  %v168 = alloca <4 x float>, align 64
  %v169 = alloca <4 x float>, align 64
  %v170 = alloca <4 x float>, align 64
  %v171 = alloca <4 x float>, align 64
  %v172 = alloca <4 x float>, align 64
  %v173 = sext i32 %thread to i64
  %v174 = sext i32 %threads to i64
  %v175 = icmp ne i64 %v74, 0
  %v176 = select i1 %v175, i64 %v173, i64 0
  %v177 = select i1 %v175, i64 %v174, i64 1
  %v178 = icmp eq i64 %v176, 0
  %v179 = icmp sgt i64 %v177, 1
  %v180 = select i1 %v175, i64 0, i64 %v173
  %v181 = mul i64 %v176, 0
  %v182 = udiv i64 %v181, %v177
  %v183 = add i64 %v176, 1
  %v184 = mul i64 %v183, 0
  %v185 = udiv i64 %v184, %v177
  %v186 = udiv i64 %v176, %v177
  %v187 = add i64 %v176, 1
  %v188 = udiv i64 %v187, %v177
  %v189 = mul i64 %v176, 3
  %v190 = udiv i64 %v189, %v177
  %v191 = add i64 %v176, 1
  %v192 = mul i64 %v191, 3
  %v193 = udiv i64 %v192, %v177
  %v194 = mul i64 %v176, 5
  %v195 = udiv i64 %v194, %v177
  %v196 = add i64 %v176, 1
  %v197 = mul i64 %v196, 5
  %v198 = udiv i64 %v197, %v177
  %v199 = mul i64 %v180, %v58
  %v200 = getelementptr inbounds float, ptr %v56, i64 %v199
  %v201 = mul i64 %v173, %v58
  %v202 = getelementptr inbounds float, ptr %v56, i64 %v201
  %v203 = alloca i64, align 8
  %v204 = alloca i64, align 8
  %v205 = alloca i64, align 8
  %v206 = alloca i64, align 8
  %v207 = alloca i64, align 8
  store i64 0, ptr %v206, align 8
  br label %next
next:
  %v208 = load i64, ptr %v206, align 8
  %v209 = add i64 %v208, 1
  store i64 %v209, ptr %v206, align 8
  store i64 %v208, ptr %v207, align 8
  %v210 = xor i1 %v175, true
  br i1 %v210, label %then211, label %end211
then211:
  %v212 = atomicrmw add ptr %v50, i64 1 monotonic
  store i64 %v212, ptr %v207, align 8
  br label %end211
end211:
  %v213 = load i64, ptr %v207, align 8
  %more = icmp slt i64 %v213, %v48
  br i1 %more, label %work, label %finished
work:
  %v214 = mul i64 %v213, 5
  %v215 = getelementptr inbounds i64, ptr %v46, i64 %v214
  %v216 = getelementptr inbounds i64, ptr %v215, i64 0
  %v217 = load i64, ptr %v216, align 8
  %v218 = getelementptr inbounds i64, ptr %v215, i64 1
  %v219 = load i64, ptr %v218, align 8
  %v220 = getelementptr inbounds i64, ptr %v215, i64 2
  %v221 = load i64, ptr %v220, align 8
  %v222 = getelementptr inbounds i64, ptr %v215, i64 3
  %v223 = load i64, ptr %v222, align 8
  %v224 = getelementptr inbounds i64, ptr %v215, i64 4
  %v225 = load i64, ptr %v224, align 8
  %v226 = icmp ne i64 %v62, 0
  %v227 = icmp ne ptr %v54, null
  %v228 = icmp eq i64 %v219, 1
  br i1 %v178, label %then229, label %end229
then229:
  br label %head230
head230:
  %v231 = phi i64 [ 0, %then229 ], [ %v232, %done255 ]
  %v233 = icmp slt i64 %v231, %v219
  br i1 %v233, label %body230, label %done230
body230:
  %v234 = add i64 %v217, %v231
  %v235 = getelementptr inbounds i64, ptr %v52, i64 %v234
  %v236 = load i64, ptr %v235, align 8
  %v237 = mul i64 %v231, 1020
  %v238 = getelementptr inbounds float, ptr %v200, i64 %v237
  %v239 = mul i64 %v236, %v16
  %v240 = getelementptr inbounds float, ptr %v14, i64 %v239
  %v241 = getelementptr inbounds float, ptr %v238, i64 24
  call void @copy(ptr %v241, ptr %v240, i64 20)
  %v242 = mul i64 %v236, %v20
  %v243 = getelementptr inbounds float, ptr %v18, i64 %v242
  %v244 = getelementptr inbounds float, ptr %v238, i64 44
  call void @copy(ptr %v244, ptr %v243, i64 20)
  %v245 = mul i64 %v236, %v24
  %v246 = getelementptr inbounds float, ptr %v22, i64 %v245
  br label %head247
head247:
  %v248 = phi i64 [ 0, %body230 ], [ %v249, %body247 ]
  %v250 = icmp slt i64 %v248, 5
  br i1 %v250, label %body247, label %done247
body247:
  %v251 = mul i64 %v248, 4
  %v252 = getelementptr inbounds float, ptr %v246, i64 %v251
  store <4 x float> zeroinitializer, ptr %v252, align 4
  %v249 = add nuw nsw i64 %v248, 1
  br label %head247
done247:
  %v253 = mul i64 %v236, %v28
  %v254 = getelementptr inbounds float, ptr %v26, i64 %v253
  br label %head255
head255:
  %v256 = phi i64 [ 0, %done247 ], [ %v257, %body255 ]
  %v258 = icmp slt i64 %v256, 5
  br i1 %v258, label %body255, label %done255
body255:
  %v259 = mul i64 %v256, 4
  %v260 = getelementptr inbounds float, ptr %v254, i64 %v259
  store <4 x float> zeroinitializer, ptr %v260, align 4
  %v257 = add nuw nsw i64 %v256, 1
  br label %head255
done255:
  %v232 = add nuw nsw i64 %v231, 1
  br label %head230
done230:
  br label %head261
head261:
  %v262 = phi i64 [ 0, %done230 ], [ %v263, %body261 ]
  %v264 = icmp slt i64 %v262, 5
  br i1 %v264, label %body261, label %done261
body261:
  %v265 = mul i64 %v262, 4
  %v266 = mul i64 %v213, 280
  %v267 = getelementptr inbounds float, ptr %v72, i64 %v266
  %v268 = getelementptr inbounds float, ptr %v267, i64 %v265
  store <4 x float> zeroinitializer, ptr %v268, align 4
  %v263 = add nuw nsw i64 %v262, 1
  br label %head261
done261:
  br label %head269
head269:
  %v270 = phi i64 [ 0, %done261 ], [ %v271, %body269 ]
  %v272 = icmp slt i64 %v270, 5
  br i1 %v272, label %body269, label %done269
body269:
  %v273 = mul i64 %v270, 4
  %v274 = mul i64 %v213, 280
  %v275 = getelementptr inbounds float, ptr %v72, i64 %v274
  %v276 = getelementptr inbounds float, ptr %v275, i64 20
  %v277 = getelementptr inbounds float, ptr %v276, i64 %v273
  store <4 x float> zeroinitializer, ptr %v277, align 4
  %v271 = add nuw nsw i64 %v270, 1
  br label %head269
done269:
  br label %head278
head278:
  %v279 = phi i64 [ 0, %done269 ], [ %v280, %body278 ]
  %v281 = icmp slt i64 %v279, 5
  br i1 %v281, label %body278, label %done278
body278:
  %v282 = mul i64 %v279, 4
  %v283 = mul i64 %v213, 280
  %v284 = getelementptr inbounds float, ptr %v72, i64 %v283
  %v285 = getelementptr inbounds float, ptr %v284, i64 40
  %v286 = getelementptr inbounds float, ptr %v285, i64 %v282
  store <4 x float> zeroinitializer, ptr %v286, align 4
  %v280 = add nuw nsw i64 %v279, 1
  br label %head278
done278:
  br label %head287
head287:
  %v288 = phi i64 [ 0, %done278 ], [ %v289, %body287 ]
  %v290 = icmp slt i64 %v288, 5
  br i1 %v290, label %body287, label %done287
body287:
  %v291 = mul i64 %v288, 4
  %v292 = mul i64 %v213, 280
  %v293 = getelementptr inbounds float, ptr %v72, i64 %v292
  %v294 = getelementptr inbounds float, ptr %v293, i64 60
  %v295 = getelementptr inbounds float, ptr %v294, i64 %v291
  store <4 x float> zeroinitializer, ptr %v295, align 4
  %v289 = add nuw nsw i64 %v288, 1
  br label %head287
done287:
  br label %head296
head296:
  %v297 = phi i64 [ 0, %done287 ], [ %v298, %body296 ]
  %v299 = icmp slt i64 %v297, 5
  br i1 %v299, label %body296, label %done296
body296:
  %v300 = mul i64 %v297, 4
  %v301 = mul i64 %v213, 280
  %v302 = getelementptr inbounds float, ptr %v72, i64 %v301
  %v303 = getelementptr inbounds float, ptr %v302, i64 80
  %v304 = getelementptr inbounds float, ptr %v303, i64 %v300
  store <4 x float> zeroinitializer, ptr %v304, align 4
  %v298 = add nuw nsw i64 %v297, 1
  br label %head296
done296:
  br label %head305
head305:
  %v306 = phi i64 [ 0, %done296 ], [ %v307, %body305 ]
  %v308 = icmp slt i64 %v306, 5
  br i1 %v308, label %body305, label %done305
body305:
  %v309 = mul i64 %v306, 4
  %v310 = mul i64 %v213, 280
  %v311 = getelementptr inbounds float, ptr %v72, i64 %v310
  %v312 = getelementptr inbounds float, ptr %v311, i64 100
  %v313 = getelementptr inbounds float, ptr %v312, i64 %v309
  store <4 x float> zeroinitializer, ptr %v313, align 4
  %v307 = add nuw nsw i64 %v306, 1
  br label %head305
done305:
  br label %head314
head314:
  %v315 = phi i64 [ 0, %done305 ], [ %v316, %body314 ]
  %v317 = icmp slt i64 %v315, 5
  br i1 %v317, label %body314, label %done314
body314:
  %v318 = mul i64 %v315, 4
  %v319 = mul i64 %v213, 280
  %v320 = getelementptr inbounds float, ptr %v72, i64 %v319
  %v321 = getelementptr inbounds float, ptr %v320, i64 120
  %v322 = getelementptr inbounds float, ptr %v321, i64 %v318
  store <4 x float> zeroinitializer, ptr %v322, align 4
  %v316 = add nuw nsw i64 %v315, 1
  br label %head314
done314:
  br label %head323
head323:
  %v324 = phi i64 [ 0, %done314 ], [ %v325, %body323 ]
  %v326 = icmp slt i64 %v324, 5
  br i1 %v326, label %body323, label %done323
body323:
  %v327 = mul i64 %v324, 4
  %v328 = mul i64 %v213, 280
  %v329 = getelementptr inbounds float, ptr %v72, i64 %v328
  %v330 = getelementptr inbounds float, ptr %v329, i64 140
  %v331 = getelementptr inbounds float, ptr %v330, i64 %v327
  store <4 x float> zeroinitializer, ptr %v331, align 4
  %v325 = add nuw nsw i64 %v324, 1
  br label %head323
done323:
  br label %head332
head332:
  %v333 = phi i64 [ 0, %done323 ], [ %v334, %body332 ]
  %v335 = icmp slt i64 %v333, 5
  br i1 %v335, label %body332, label %done332
body332:
  %v336 = mul i64 %v333, 4
  %v337 = mul i64 %v213, 280
  %v338 = getelementptr inbounds float, ptr %v72, i64 %v337
  %v339 = getelementptr inbounds float, ptr %v338, i64 160
  %v340 = getelementptr inbounds float, ptr %v339, i64 %v336
  store <4 x float> zeroinitializer, ptr %v340, align 4
  %v334 = add nuw nsw i64 %v333, 1
  br label %head332
done332:
  br label %head341
head341:
  %v342 = phi i64 [ 0, %done332 ], [ %v343, %body341 ]
  %v344 = icmp slt i64 %v342, 5
  br i1 %v344, label %body341, label %done341
body341:
  %v345 = mul i64 %v342, 4
  %v346 = mul i64 %v213, 280
  %v347 = getelementptr inbounds float, ptr %v72, i64 %v346
  %v348 = getelementptr inbounds float, ptr %v347, i64 180
  %v349 = getelementptr inbounds float, ptr %v348, i64 %v345
  store <4 x float> zeroinitializer, ptr %v349, align 4
  %v343 = add nuw nsw i64 %v342, 1
  br label %head341
done341:
  br label %head350
head350:
  %v351 = phi i64 [ 0, %done341 ], [ %v352, %body350 ]
  %v353 = icmp slt i64 %v351, 5
  br i1 %v353, label %body350, label %done350
body350:
  %v354 = mul i64 %v351, 4
  %v355 = mul i64 %v213, 280
  %v356 = getelementptr inbounds float, ptr %v72, i64 %v355
  %v357 = getelementptr inbounds float, ptr %v356, i64 200
  %v358 = getelementptr inbounds float, ptr %v357, i64 %v354
  store <4 x float> zeroinitializer, ptr %v358, align 4
  %v352 = add nuw nsw i64 %v351, 1
  br label %head350
done350:
  br label %head359
head359:
  %v360 = phi i64 [ 0, %done350 ], [ %v361, %body359 ]
  %v362 = icmp slt i64 %v360, 5
  br i1 %v362, label %body359, label %done359
body359:
  %v363 = mul i64 %v360, 4
  %v364 = mul i64 %v213, 280
  %v365 = getelementptr inbounds float, ptr %v72, i64 %v364
  %v366 = getelementptr inbounds float, ptr %v365, i64 220
  %v367 = getelementptr inbounds float, ptr %v366, i64 %v363
  store <4 x float> zeroinitializer, ptr %v367, align 4
  %v361 = add nuw nsw i64 %v360, 1
  br label %head359
done359:
  br label %head368
head368:
  %v369 = phi i64 [ 0, %done359 ], [ %v370, %body368 ]
  %v371 = icmp slt i64 %v369, 5
  br i1 %v371, label %body368, label %done368
body368:
  %v372 = mul i64 %v369, 4
  %v373 = mul i64 %v213, 280
  %v374 = getelementptr inbounds float, ptr %v72, i64 %v373
  %v375 = getelementptr inbounds float, ptr %v374, i64 240
  %v376 = getelementptr inbounds float, ptr %v375, i64 %v372
  store <4 x float> zeroinitializer, ptr %v376, align 4
  %v370 = add nuw nsw i64 %v369, 1
  br label %head368
done368:
  br label %head377
head377:
  %v378 = phi i64 [ 0, %done368 ], [ %v379, %body377 ]
  %v380 = icmp slt i64 %v378, 5
  br i1 %v380, label %body377, label %done377
body377:
  %v381 = mul i64 %v378, 4
  %v382 = mul i64 %v213, 280
  %v383 = getelementptr inbounds float, ptr %v72, i64 %v382
  %v384 = getelementptr inbounds float, ptr %v383, i64 260
  %v385 = getelementptr inbounds float, ptr %v384, i64 %v381
  store <4 x float> zeroinitializer, ptr %v385, align 4
  %v379 = add nuw nsw i64 %v378, 1
  br label %head377
done377:
  br label %end229
end229:
  br i1 %v179, label %then386, label %end386
then386:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end386
end386:
  %v387 = add i64 %v221, %v223
  %v388 = select i1 %v226, i64 %v387, i64 %v221
  store i64 %v388, ptr %v205, align 8
  br label %head389
head389:
  %v390 = phi i64 [ 0, %end386 ], [ %v391, %end1450 ]
  %v392 = icmp slt i64 %v390, %v225
  br i1 %v392, label %body389, label %done389
body389:
  %v393 = sub i64 %v225, %v390
  %v394 = sub i64 %v393, 1
  %v395 = select i1 %v226, i64 %v394, i64 %v390
  store i64 %v219, ptr %v204, align 8
  br i1 %v227, label %then396, label %end396
then396:
  store i64 0, ptr %v204, align 8
  br label %head397
head397:
  %v398 = phi i64 [ 0, %then396 ], [ %v399, %body397 ]
  %v400 = icmp slt i64 %v398, %v219
  br i1 %v400, label %body397, label %done397
body397:
  %v401 = add i64 %v217, %v398
  %v402 = getelementptr inbounds i64, ptr %v54, i64 %v401
  %v403 = load i64, ptr %v402, align 8
  %v404 = icmp sgt i64 %v403, %v395
  %v405 = load i64, ptr %v204, align 8
  %v406 = zext i1 %v404 to i64
  %v407 = add i64 %v405, %v406
  store i64 %v407, ptr %v204, align 8
  %v399 = add nuw nsw i64 %v398, 1
  br label %head397
done397:
  br label %end396
end396:
  %v408 = load i64, ptr %v204, align 8
  %v409 = load i64, ptr %v205, align 8
  %v410 = sub i64 %v409, %v408
  %v411 = select i1 %v226, i64 %v410, i64 %v409
  %v412 = add i64 %v409, %v408
  %v413 = select i1 %v226, i64 %v410, i64 %v412
  store i64 %v413, ptr %v205, align 8
  br label %head414
head414:
  %v415 = phi i64 [ 0, %end396 ], [ %v416, %body414 ]
  %v417 = icmp slt i64 %v415, %v408
  br i1 %v417, label %body414, label %done414
body414:
  %v418 = add i64 %v217, %v415
  %v419 = getelementptr inbounds i64, ptr %v52, i64 %v418
  %v420 = load i64, ptr %v419, align 8
  %v421 = mul i64 %v415, 1020
  %v422 = getelementptr inbounds float, ptr %v200, i64 %v421
  %v423 = mul i64 %v420, %v6
  %v424 = getelementptr inbounds float, ptr %v2, i64 %v423
  %v425 = mul i64 %v395, %v4
  %v426 = getelementptr inbounds float, ptr %v424, i64 %v425
  %v427 = getelementptr inbounds float, ptr %v422, i64 224
  call void @copy(ptr %v427, ptr %v426, i64 3)
  %v416 = add nuw nsw i64 %v415, 1
  br label %head414
done414:
  br i1 %v178, label %then428, label %end428
then428:
  br label %head429
head429:
  %v430 = phi i64 [ 0, %then428 ], [ %v431, %end436 ]
  %v432 = icmp slt i64 %v430, %v408
  br i1 %v432, label %body429, label %done429
body429:
  %v433 = mul i64 %v430, 1020
  %v434 = getelementptr inbounds float, ptr %v200, i64 %v433
  %v435 = add i64 %v411, %v430
  br i1 %v178, label %then436, label %end436
then436:
  %v437 = getelementptr inbounds float, ptr %v434, i64 224
  %v438 = load <4 x float>, ptr %v437, align 4
  %v439 = mul i64 %v435, 4
  %v440 = getelementptr inbounds float, ptr %v110, i64 %v439
  store <4 x float> %v438, ptr %v440, align 4
  br label %end436
end436:
  %v431 = add nuw nsw i64 %v430, 1
  br label %head429
done429:
  br label %end428
end428:
  br i1 %v179, label %then441, label %end441
then441:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end441
end441:
  br i1 %v178, label %then442, label %end442
then442:
  br label %head443
head443:
  %v444 = phi i64 [ 0, %then442 ], [ %v445, %done457 ]
  %v446 = icmp slt i64 %v444, %v408
  br i1 %v446, label %body443, label %done443
body443:
  %v447 = mul i64 %v444, 1020
  %v448 = getelementptr inbounds float, ptr %v200, i64 %v447
  %v449 = add i64 %v411, %v444
  %v450 = add i64 %v217, %v444
  %v451 = getelementptr inbounds i64, ptr %v52, i64 %v450
  %v452 = load i64, ptr %v451, align 8
  %v453 = mul i64 %v395, %v10
  %v454 = mul i64 %v452, %v12
  %v455 = getelementptr inbounds float, ptr %v8, i64 %v453
  %v456 = getelementptr inbounds float, ptr %v455, i64 %v454
  store <4 x float> zeroinitializer, ptr %v155, align 64
  store <4 x float> zeroinitializer, ptr %v156, align 64
  store <4 x float> zeroinitializer, ptr %v157, align 64
  br label %head457
head457:
  %v458 = phi i64 [ 0, %body443 ], [ %v459, %body457 ]
  %v460 = icmp slt i64 %v458, 5
  br i1 %v460, label %body457, label %done457
body457:
  %v461 = mul i64 %v458, 4
  %v462 = mul i64 %v449, 20
  %v463 = getelementptr inbounds float, ptr %v82, i64 %v462
  %v464 = getelementptr inbounds float, ptr %v463, i64 %v461
  %v465 = load <4 x float>, ptr %v464, align 4
  %v466 = mul i64 %v449, 4
  %v467 = getelementptr inbounds float, ptr %v90, i64 %v466
  %v468 = load float, ptr %v467, align 4
  %v469 = insertelement <4 x float> poison, float %v468, i64 0
  %v470 = shufflevector <4 x float> %v469, <4 x float> poison, <4 x i32> zeroinitializer
  %v471 = fdiv contract <4 x float> %v465, %v470
  %v472 = mul i64 %v449, 20
  %v473 = getelementptr inbounds float, ptr %v84, i64 %v472
  %v474 = getelementptr inbounds float, ptr %v473, i64 %v461
  %v475 = load <4 x float>, ptr %v474, align 4
  %v476 = fdiv contract <4 x float> %v475, %v470
  %v477 = mul i64 %v449, 20
  %v478 = getelementptr inbounds float, ptr %v86, i64 %v477
  %v479 = getelementptr inbounds float, ptr %v478, i64 %v461
  %v480 = load <4 x float>, ptr %v479, align 4
  %v481 = fdiv contract <4 x float> %v480, %v470
  %v482 = mul i64 %v449, 20
  %v483 = getelementptr inbounds float, ptr %v88, i64 %v482
  %v484 = getelementptr inbounds float, ptr %v483, i64 %v461
  %v485 = load <4 x float>, ptr %v484, align 4
  %v486 = fdiv contract <4 x float> %v485, %v470
  %v487 = mul i64 %v449, 20
  %v488 = getelementptr inbounds float, ptr %v92, i64 %v487
  %v489 = getelementptr inbounds float, ptr %v488, i64 %v461
  %v490 = load <4 x float>, ptr %v489, align 4
  %v491 = mul i64 %v449, 4
  %v492 = getelementptr inbounds float, ptr %v100, i64 %v491
  %v493 = load float, ptr %v492, align 4
  %v494 = insertelement <4 x float> poison, float %v493, i64 0
  %v495 = shufflevector <4 x float> %v494, <4 x float> poison, <4 x i32> zeroinitializer
  %v496 = fdiv contract <4 x float> %v490, %v495
  %v497 = mul i64 %v449, 20
  %v498 = getelementptr inbounds float, ptr %v94, i64 %v497
  %v499 = getelementptr inbounds float, ptr %v498, i64 %v461
  %v500 = load <4 x float>, ptr %v499, align 4
  %v501 = fdiv contract <4 x float> %v500, %v495
  %v502 = mul i64 %v449, 20
  %v503 = getelementptr inbounds float, ptr %v96, i64 %v502
  %v504 = getelementptr inbounds float, ptr %v503, i64 %v461
  %v505 = load <4 x float>, ptr %v504, align 4
  %v506 = fdiv contract <4 x float> %v505, %v495
  %v507 = mul i64 %v449, 20
  %v508 = getelementptr inbounds float, ptr %v98, i64 %v507
  %v509 = getelementptr inbounds float, ptr %v508, i64 %v461
  %v510 = load <4 x float>, ptr %v509, align 4
  %v511 = fdiv contract <4 x float> %v510, %v495
  %v512 = getelementptr inbounds float, ptr %v128, i64 %v461
  %v513 = load <4 x float>, ptr %v512, align 4
  %v514 = fmul contract <4 x float> %v513, %v471
  %v515 = getelementptr inbounds float, ptr %v130, i64 %v461
  %v516 = load <4 x float>, ptr %v515, align 4
  %v517 = fmul contract <4 x float> %v516, %v496
  %v518 = fadd contract <4 x float> %v514, %v517
  %v519 = getelementptr inbounds float, ptr %v132, i64 %v461
  %v520 = load <4 x float>, ptr %v519, align 4
  %v521 = fadd contract <4 x float> %v518, %v520
  %v522 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v521)
  %v523 = getelementptr inbounds float, ptr %v134, i64 %v461
  %v524 = load <4 x float>, ptr %v523, align 4
  %v525 = fmul contract <4 x float> %v524, %v476
  %v526 = getelementptr inbounds float, ptr %v136, i64 %v461
  %v527 = load <4 x float>, ptr %v526, align 4
  %v528 = fmul contract <4 x float> %v527, %v501
  %v529 = fadd contract <4 x float> %v525, %v528
  %v530 = getelementptr inbounds float, ptr %v138, i64 %v461
  %v531 = load <4 x float>, ptr %v530, align 4
  %v532 = fadd contract <4 x float> %v529, %v531
  %v533 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v532)
  %v534 = getelementptr inbounds float, ptr %v140, i64 %v461
  %v535 = load <4 x float>, ptr %v534, align 4
  %v536 = fmul contract <4 x float> %v535, %v481
  %v537 = getelementptr inbounds float, ptr %v142, i64 %v461
  %v538 = load <4 x float>, ptr %v537, align 4
  %v539 = fmul contract <4 x float> %v538, %v506
  %v540 = fadd contract <4 x float> %v536, %v539
  %v541 = getelementptr inbounds float, ptr %v144, i64 %v461
  %v542 = load <4 x float>, ptr %v541, align 4
  %v543 = fadd contract <4 x float> %v540, %v542
  %v544 = call <4 x float> @gw.tanh.v4f32(<4 x float> %v543)
  %v545 = getelementptr inbounds float, ptr %v146, i64 %v461
  %v546 = load <4 x float>, ptr %v545, align 4
  %v547 = fmul contract <4 x float> %v546, %v486
  %v548 = getelementptr inbounds float, ptr %v148, i64 %v461
  %v549 = load <4 x float>, ptr %v548, align 4
  %v550 = fmul contract <4 x float> %v549, %v511
  %v551 = fadd contract <4 x float> %v547, %v550
  %v552 = getelementptr inbounds float, ptr %v150, i64 %v461
  %v553 = load <4 x float>, ptr %v552, align 4
  %v554 = fadd contract <4 x float> %v551, %v553
  %v555 = call <4 x float> @gw.sigmoid.v4f32(<4 x float> %v554)
  %v556 = mul i64 %v449, 20
  %v557 = getelementptr inbounds float, ptr %v80, i64 %v556
  %v558 = getelementptr inbounds float, ptr %v557, i64 %v461
  %v559 = load <4 x float>, ptr %v558, align 4
  %v560 = fmul contract <4 x float> %v533, %v559
  %v561 = fmul contract <4 x float> %v522, %v544
  %v562 = fadd contract <4 x float> %v560, %v561
  %v563 = mul i64 %v449, 4
  %v564 = getelementptr inbounds float, ptr %v102, i64 %v563
  %v565 = load float, ptr %v564, align 4
  %v566 = insertelement <4 x float> poison, float %v565, i64 0
  %v567 = shufflevector <4 x float> %v566, <4 x float> poison, <4 x i32> zeroinitializer
  %v568 = fsub contract <4 x float> %v562, %v567
  %v569 = mul i64 %v449, 4
  %v570 = getelementptr inbounds float, ptr %v104, i64 %v569
  %v571 = load float, ptr %v570, align 4
  %v572 = insertelement <4 x float> poison, float %v571, i64 0
  %v573 = shufflevector <4 x float> %v572, <4 x float> poison, <4 x i32> zeroinitializer
  %v574 = fdiv contract <4 x float> %v568, %v573
  %v575 = getelementptr inbounds float, ptr %v152, i64 %v461
  %v576 = load <4 x float>, ptr %v575, align 4
  %v577 = fmul contract <4 x float> %v576, %v574
  %v578 = getelementptr inbounds float, ptr %v154, i64 %v461
  %v579 = load <4 x float>, ptr %v578, align 4
  %v580 = fadd contract <4 x float> %v577, %v579
  %v581 = call <4 x float> @gw.tanh.v4f32(<4 x float> %v580)
  %v582 = getelementptr inbounds float, ptr %v448, i64 24
  %v583 = getelementptr inbounds float, ptr %v582, i64 %v461
  %v584 = load <4 x float>, ptr %v583, align 4
  %v585 = getelementptr inbounds float, ptr %v456, i64 %v461
  %v586 = load <4 x float>, ptr %v585, align 4
  %v587 = fadd contract <4 x float> %v584, %v586
  %v588 = fmul contract <4 x float> %v587, %v581
  %v589 = fmul contract <4 x float> %v587, %v555
  %v590 = fmul contract <4 x float> %v581, %v581
  %v591 = fsub contract <4 x float> splat (float 0x3FF0000000000000), %v590
  %v592 = fmul contract <4 x float> %v589, %v591
  %v593 = fmul contract <4 x float> %v592, %v574
  %v594 = fmul contract <4 x float> %v592, %v576
  %v595 = fdiv contract <4 x float> %v594, %v573
  %v596 = fmul contract <4 x float> %v595, %v574
  %v597 = fneg <4 x float> %v596
  %v598 = fsub contract <4 x float> splat (float 0x3FF0000000000000), %v555
  %v599 = fmul contract <4 x float> %v555, %v598
  %v600 = fmul contract <4 x float> %v588, %v599
  %v601 = fmul contract <4 x float> %v600, %v511
  %v602 = fmul contract <4 x float> %v600, %v549
  %v603 = fmul contract <4 x float> %v600, %v486
  %v604 = fmul contract <4 x float> %v600, %v546
  %v605 = fmul contract <4 x float> %v544, %v544
  %v606 = fsub contract <4 x float> splat (float 0x3FF0000000000000), %v605
  %v607 = fsub contract <4 x float> splat (float 0x3FF0000000000000), %v533
  %v608 = fmul contract <4 x float> %v533, %v607
  %v609 = fsub contract <4 x float> splat (float 0x3FF0000000000000), %v522
  %v610 = fmul contract <4 x float> %v522, %v609
  %v611 = fdiv contract <4 x float> %v602, %v495
  %v612 = fmul contract <4 x float> %v611, %v511
  %v613 = fneg <4 x float> %v612
  %v614 = fdiv contract <4 x float> %v604, %v470
  %v615 = fmul contract <4 x float> %v614, %v486
  %v616 = fneg <4 x float> %v615
  %v617 = load <4 x float>, ptr %v155, align 64
  %v618 = fadd <4 x float> %v617, %v597
  store <4 x float> %v618, ptr %v155, align 64
  %v619 = load <4 x float>, ptr %v156, align 64
  %v620 = fadd <4 x float> %v619, %v613
  store <4 x float> %v620, ptr %v156, align 64
  %v621 = load <4 x float>, ptr %v157, align 64
  %v622 = fadd <4 x float> %v621, %v616
  store <4 x float> %v622, ptr %v157, align 64
  %v623 = mul i64 %v213, 280
  %v624 = getelementptr inbounds float, ptr %v72, i64 %v623
  %v625 = getelementptr inbounds float, ptr %v624, i64 %v461
  %v626 = load <4 x float>, ptr %v625, align 4
  %v627 = fadd <4 x float> %v626, %v603
  store <4 x float> %v627, ptr %v625, align 4
  %v628 = mul i64 %v213, 280
  %v629 = getelementptr inbounds float, ptr %v72, i64 %v628
  %v630 = getelementptr inbounds float, ptr %v629, i64 20
  %v631 = getelementptr inbounds float, ptr %v630, i64 %v461
  %v632 = load <4 x float>, ptr %v631, align 4
  %v633 = fadd <4 x float> %v632, %v601
  store <4 x float> %v633, ptr %v631, align 4
  %v634 = mul i64 %v213, 280
  %v635 = getelementptr inbounds float, ptr %v72, i64 %v634
  %v636 = getelementptr inbounds float, ptr %v635, i64 40
  %v637 = getelementptr inbounds float, ptr %v636, i64 %v461
  %v638 = load <4 x float>, ptr %v637, align 4
  %v639 = fadd <4 x float> %v638, %v600
  store <4 x float> %v639, ptr %v637, align 4
  %v640 = mul i64 %v213, 280
  %v641 = getelementptr inbounds float, ptr %v72, i64 %v640
  %v642 = getelementptr inbounds float, ptr %v641, i64 60
  %v643 = getelementptr inbounds float, ptr %v642, i64 %v461
  %v644 = load <4 x float>, ptr %v643, align 4
  %v645 = fadd <4 x float> %v644, %v593
  store <4 x float> %v645, ptr %v643, align 4
  %v646 = mul i64 %v213, 280
  %v647 = getelementptr inbounds float, ptr %v72, i64 %v646
  %v648 = getelementptr inbounds float, ptr %v647, i64 80
  %v649 = getelementptr inbounds float, ptr %v648, i64 %v461
  %v650 = load <4 x float>, ptr %v649, align 4
  %v651 = fadd <4 x float> %v650, %v592
  store <4 x float> %v651, ptr %v649, align 4
  %v652 = getelementptr inbounds float, ptr %v448, i64 228
  %v653 = getelementptr inbounds float, ptr %v652, i64 %v461
  store <4 x float> %v471, ptr %v653, align 4
  %v654 = getelementptr inbounds float, ptr %v448, i64 248
  %v655 = getelementptr inbounds float, ptr %v654, i64 %v461
  store <4 x float> %v476, ptr %v655, align 4
  %v656 = getelementptr inbounds float, ptr %v448, i64 268
  %v657 = getelementptr inbounds float, ptr %v656, i64 %v461
  store <4 x float> %v481, ptr %v657, align 4
  %v658 = getelementptr inbounds float, ptr %v448, i64 288
  %v659 = getelementptr inbounds float, ptr %v658, i64 %v461
  store <4 x float> %v496, ptr %v659, align 4
  %v660 = getelementptr inbounds float, ptr %v448, i64 308
  %v661 = getelementptr inbounds float, ptr %v660, i64 %v461
  store <4 x float> %v501, ptr %v661, align 4
  %v662 = getelementptr inbounds float, ptr %v448, i64 328
  %v663 = getelementptr inbounds float, ptr %v662, i64 %v461
  store <4 x float> %v506, ptr %v663, align 4
  %v664 = getelementptr inbounds float, ptr %v448, i64 348
  %v665 = getelementptr inbounds float, ptr %v664, i64 %v461
  store <4 x float> %v522, ptr %v665, align 4
  %v666 = getelementptr inbounds float, ptr %v448, i64 368
  %v667 = getelementptr inbounds float, ptr %v666, i64 %v461
  store <4 x float> %v533, ptr %v667, align 4
  %v668 = getelementptr inbounds float, ptr %v448, i64 388
  %v669 = getelementptr inbounds float, ptr %v668, i64 %v461
  store <4 x float> %v544, ptr %v669, align 4
  %v670 = getelementptr inbounds float, ptr %v448, i64 408
  %v671 = getelementptr inbounds float, ptr %v670, i64 %v461
  store <4 x float> %v568, ptr %v671, align 4
  %v672 = getelementptr inbounds float, ptr %v448, i64 428
  %v673 = getelementptr inbounds float, ptr %v672, i64 %v461
  store <4 x float> %v595, ptr %v673, align 4
  %v674 = getelementptr inbounds float, ptr %v448, i64 492
  %v675 = getelementptr inbounds float, ptr %v674, i64 %v461
  store <4 x float> %v606, ptr %v675, align 4
  %v676 = getelementptr inbounds float, ptr %v448, i64 512
  %v677 = getelementptr inbounds float, ptr %v676, i64 %v461
  store <4 x float> %v608, ptr %v677, align 4
  %v678 = getelementptr inbounds float, ptr %v448, i64 532
  %v679 = getelementptr inbounds float, ptr %v678, i64 %v461
  store <4 x float> %v610, ptr %v679, align 4
  %v680 = getelementptr inbounds float, ptr %v448, i64 552
  %v681 = getelementptr inbounds float, ptr %v680, i64 %v461
  store <4 x float> %v611, ptr %v681, align 4
  %v682 = getelementptr inbounds float, ptr %v448, i64 784
  %v683 = getelementptr inbounds float, ptr %v682, i64 %v461
  store <4 x float> %v614, ptr %v683, align 4
  %v459 = add nuw nsw i64 %v458, 1
  br label %head457
done457:
  %v684 = load <4 x float>, ptr %v155, align 64
  %v685 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v684)
  %v686 = insertelement <4 x float> poison, float %v685, i64 0
  %v687 = shufflevector <4 x float> %v686, <4 x float> poison, <4 x i32> zeroinitializer
  %v688 = getelementptr inbounds float, ptr %v448, i64 448
  store <4 x float> %v687, ptr %v688, align 4
  %v689 = load <4 x float>, ptr %v156, align 64
  %v690 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v689)
  %v691 = insertelement <4 x float> poison, float %v690, i64 0
  %v692 = shufflevector <4 x float> %v691, <4 x float> poison, <4 x i32> zeroinitializer
  %v693 = getelementptr inbounds float, ptr %v448, i64 572
  store <4 x float> %v692, ptr %v693, align 4
  %v694 = load <4 x float>, ptr %v157, align 64
  %v695 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v694)
  %v696 = insertelement <4 x float> poison, float %v695, i64 0
  %v697 = shufflevector <4 x float> %v696, <4 x float> poison, <4 x i32> zeroinitializer
  %v698 = getelementptr inbounds float, ptr %v448, i64 804
  store <4 x float> %v697, ptr %v698, align 4
  %v445 = add nuw nsw i64 %v444, 1
  br label %head443
done443:
  br label %end442
end442:
  br i1 %v179, label %then699, label %end699
then699:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end699
end699:
  br i1 %v178, label %then700, label %end700
then700:
  br label %head701
head701:
  %v702 = phi i64 [ 0, %then700 ], [ %v703, %done723 ]
  %v704 = icmp slt i64 %v702, %v408
  br i1 %v704, label %body701, label %done701
body701:
  %v705 = mul i64 %v702, 1020
  %v706 = getelementptr inbounds float, ptr %v200, i64 %v705
  %v707 = add i64 %v411, %v702
  %v708 = getelementptr inbounds float, ptr %v706, i64 448
  %v709 = load float, ptr %v708, align 4
  %v710 = insertelement <4 x float> poison, float %v709, i64 0
  %v711 = shufflevector <4 x float> %v710, <4 x float> poison, <4 x i32> zeroinitializer
  %v712 = fmul contract <4 x float> %v711, splat (float 0x3FE0000000000000)
  %v713 = mul i64 %v707, 4
  %v714 = getelementptr inbounds float, ptr %v104, i64 %v713
  %v715 = load float, ptr %v714, align 4
  %v716 = insertelement <4 x float> poison, float %v715, i64 0
  %v717 = shufflevector <4 x float> %v716, <4 x float> poison, <4 x i32> zeroinitializer
  %v718 = fdiv contract <4 x float> %v712, %v717
  %v719 = fdiv contract <4 x float> %v718, splat (float 0x4034000000000000)
  %v720 = getelementptr inbounds float, ptr %v706, i64 452
  store <4 x float> %v712, ptr %v720, align 4
  %v721 = getelementptr inbounds float, ptr %v706, i64 456
  store <4 x float> %v718, ptr %v721, align 4
  %v722 = getelementptr inbounds float, ptr %v706, i64 460
  store <4 x float> %v719, ptr %v722, align 4
  store <4 x float> zeroinitializer, ptr %v158, align 64
  br label %head723
head723:
  %v724 = phi i64 [ 0, %body701 ], [ %v725, %body723 ]
  %v726 = icmp slt i64 %v724, 5
  br i1 %v726, label %body723, label %done723
body723:
  %v727 = mul i64 %v724, 4
  %v728 = getelementptr inbounds float, ptr %v706, i64 460
  %v729 = load float, ptr %v728, align 4
  %v730 = insertelement <4 x float> poison, float %v729, i64 0
  %v731 = shufflevector <4 x float> %v730, <4 x float> poison, <4 x i32> zeroinitializer
  %v732 = getelementptr inbounds float, ptr %v706, i64 408
  %v733 = getelementptr inbounds float, ptr %v732, i64 %v727
  %v734 = load <4 x float>, ptr %v733, align 4
  %v735 = fmul contract <4 x float> %v731, %v734
  %v736 = getelementptr inbounds float, ptr %v706, i64 428
  %v737 = getelementptr inbounds float, ptr %v736, i64 %v727
  %v738 = load <4 x float>, ptr %v737, align 4
  %v739 = fadd contract <4 x float> %v738, %v735
  %v740 = fadd contract <4 x float> %v739, %v735
  %v741 = fneg <4 x float> %v740
  %v742 = getelementptr inbounds float, ptr %v706, i64 44
  %v743 = getelementptr inbounds float, ptr %v742, i64 %v727
  %v744 = load <4 x float>, ptr %v743, align 4
  %v745 = fadd contract <4 x float> %v744, %v740
  %v746 = load <4 x float>, ptr %v158, align 64
  %v747 = fadd <4 x float> %v746, %v741
  store <4 x float> %v747, ptr %v158, align 64
  %v748 = getelementptr inbounds float, ptr %v706, i64 472
  %v749 = getelementptr inbounds float, ptr %v748, i64 %v727
  store <4 x float> %v745, ptr %v749, align 4
  %v725 = add nuw nsw i64 %v724, 1
  br label %head723
done723:
  %v750 = load <4 x float>, ptr %v158, align 64
  %v751 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v750)
  %v752 = insertelement <4 x float> poison, float %v751, i64 0
  %v753 = shufflevector <4 x float> %v752, <4 x float> poison, <4 x i32> zeroinitializer
  %v754 = getelementptr inbounds float, ptr %v706, i64 464
  store <4 x float> %v753, ptr %v754, align 4
  %v703 = add nuw nsw i64 %v702, 1
  br label %head701
done701:
  br label %end700
end700:
  br i1 %v179, label %then755, label %end755
then755:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end755
end755:
  br i1 %v178, label %then756, label %end756
then756:
  br label %head757
head757:
  %v758 = phi i64 [ 0, %then756 ], [ %v759, %done770 ]
  %v760 = icmp slt i64 %v758, %v408
  br i1 %v760, label %body757, label %done757
body757:
  %v761 = mul i64 %v758, 1020
  %v762 = getelementptr inbounds float, ptr %v200, i64 %v761
  %v763 = add i64 %v411, %v758
  %v764 = getelementptr inbounds float, ptr %v762, i64 464
  %v765 = load float, ptr %v764, align 4
  %v766 = insertelement <4 x float> poison, float %v765, i64 0
  %v767 = shufflevector <4 x float> %v766, <4 x float> poison, <4 x i32> zeroinitializer
  %v768 = fdiv contract <4 x float> %v767, splat (float 0x4034000000000000)
  %v769 = getelementptr inbounds float, ptr %v762, i64 468
  store <4 x float> %v768, ptr %v769, align 4
  store <4 x float> zeroinitializer, ptr %v159, align 64
  store <4 x float> zeroinitializer, ptr %v160, align 64
  store <4 x float> zeroinitializer, ptr %v161, align 64
  store <4 x float> zeroinitializer, ptr %v162, align 64
  store <4 x float> zeroinitializer, ptr %v163, align 64
  store <4 x float> zeroinitializer, ptr %v164, align 64
  br label %head770
head770:
  %v771 = phi i64 [ 0, %body757 ], [ %v772, %body770 ]
  %v773 = icmp slt i64 %v771, 5
  br i1 %v773, label %body770, label %done770
body770:
  %v774 = mul i64 %v771, 4
  %v775 = getelementptr inbounds float, ptr %v762, i64 468
  %v776 = load float, ptr %v775, align 4
  %v777 = insertelement <4 x float> poison, float %v776, i64 0
  %v778 = shufflevector <4 x float> %v777, <4 x float> poison, <4 x i32> zeroinitializer
  %v779 = getelementptr inbounds float, ptr %v762, i64 472
  %v780 = getelementptr inbounds float, ptr %v779, i64 %v774
  %v781 = load <4 x float>, ptr %v780, align 4
  %v782 = fadd contract <4 x float> %v781, %v778
  %v783 = getelementptr inbounds float, ptr %v762, i64 388
  %v784 = getelementptr inbounds float, ptr %v783, i64 %v774
  %v785 = load <4 x float>, ptr %v784, align 4
  %v786 = fmul contract <4 x float> %v782, %v785
  %v787 = getelementptr inbounds float, ptr %v762, i64 348
  %v788 = getelementptr inbounds float, ptr %v787, i64 %v774
  %v789 = load <4 x float>, ptr %v788, align 4
  %v790 = fmul contract <4 x float> %v782, %v789
  %v791 = mul i64 %v763, 20
  %v792 = getelementptr inbounds float, ptr %v80, i64 %v791
  %v793 = getelementptr inbounds float, ptr %v792, i64 %v774
  %v794 = load <4 x float>, ptr %v793, align 4
  %v795 = fmul contract <4 x float> %v782, %v794
  %v796 = getelementptr inbounds float, ptr %v762, i64 368
  %v797 = getelementptr inbounds float, ptr %v796, i64 %v774
  %v798 = load <4 x float>, ptr %v797, align 4
  %v799 = fmul contract <4 x float> %v782, %v798
  %v800 = getelementptr inbounds float, ptr %v762, i64 492
  %v801 = getelementptr inbounds float, ptr %v800, i64 %v774
  %v802 = load <4 x float>, ptr %v801, align 4
  %v803 = fmul contract <4 x float> %v790, %v802
  %v804 = getelementptr inbounds float, ptr %v762, i64 328
  %v805 = getelementptr inbounds float, ptr %v804, i64 %v774
  %v806 = load <4 x float>, ptr %v805, align 4
  %v807 = fmul contract <4 x float> %v803, %v806
  %v808 = getelementptr inbounds float, ptr %v142, i64 %v774
  %v809 = load <4 x float>, ptr %v808, align 4
  %v810 = fmul contract <4 x float> %v803, %v809
  %v811 = getelementptr inbounds float, ptr %v762, i64 268
  %v812 = getelementptr inbounds float, ptr %v811, i64 %v774
  %v813 = load <4 x float>, ptr %v812, align 4
  %v814 = fmul contract <4 x float> %v803, %v813
  %v815 = getelementptr inbounds float, ptr %v140, i64 %v774
  %v816 = load <4 x float>, ptr %v815, align 4
  %v817 = fmul contract <4 x float> %v803, %v816
  %v818 = getelementptr inbounds float, ptr %v762, i64 512
  %v819 = getelementptr inbounds float, ptr %v818, i64 %v774
  %v820 = load <4 x float>, ptr %v819, align 4
  %v821 = fmul contract <4 x float> %v795, %v820
  %v822 = getelementptr inbounds float, ptr %v762, i64 308
  %v823 = getelementptr inbounds float, ptr %v822, i64 %v774
  %v824 = load <4 x float>, ptr %v823, align 4
  %v825 = fmul contract <4 x float> %v821, %v824
  %v826 = getelementptr inbounds float, ptr %v136, i64 %v774
  %v827 = load <4 x float>, ptr %v826, align 4
  %v828 = fmul contract <4 x float> %v821, %v827
  %v829 = getelementptr inbounds float, ptr %v762, i64 248
  %v830 = getelementptr inbounds float, ptr %v829, i64 %v774
  %v831 = load <4 x float>, ptr %v830, align 4
  %v832 = fmul contract <4 x float> %v821, %v831
  %v833 = getelementptr inbounds float, ptr %v134, i64 %v774
  %v834 = load <4 x float>, ptr %v833, align 4
  %v835 = fmul contract <4 x float> %v821, %v834
  %v836 = getelementptr inbounds float, ptr %v762, i64 532
  %v837 = getelementptr inbounds float, ptr %v836, i64 %v774
  %v838 = load <4 x float>, ptr %v837, align 4
  %v839 = fmul contract <4 x float> %v786, %v838
  %v840 = getelementptr inbounds float, ptr %v762, i64 288
  %v841 = getelementptr inbounds float, ptr %v840, i64 %v774
  %v842 = load <4 x float>, ptr %v841, align 4
  %v843 = fmul contract <4 x float> %v839, %v842
  %v844 = getelementptr inbounds float, ptr %v130, i64 %v774
  %v845 = load <4 x float>, ptr %v844, align 4
  %v846 = fmul contract <4 x float> %v839, %v845
  %v847 = getelementptr inbounds float, ptr %v762, i64 228
  %v848 = getelementptr inbounds float, ptr %v847, i64 %v774
  %v849 = load <4 x float>, ptr %v848, align 4
  %v850 = fmul contract <4 x float> %v839, %v849
  %v851 = getelementptr inbounds float, ptr %v128, i64 %v774
  %v852 = load <4 x float>, ptr %v851, align 4
  %v853 = fmul contract <4 x float> %v839, %v852
  %v854 = mul i64 %v763, 4
  %v855 = getelementptr inbounds float, ptr %v100, i64 %v854
  %v856 = load float, ptr %v855, align 4
  %v857 = insertelement <4 x float> poison, float %v856, i64 0
  %v858 = shufflevector <4 x float> %v857, <4 x float> poison, <4 x i32> zeroinitializer
  %v859 = fdiv contract <4 x float> %v810, %v858
  %v860 = fmul contract <4 x float> %v859, %v806
  %v861 = fneg <4 x float> %v860
  %v862 = fdiv contract <4 x float> %v828, %v858
  %v863 = fmul contract <4 x float> %v862, %v824
  %v864 = fneg <4 x float> %v863
  %v865 = fdiv contract <4 x float> %v846, %v858
  %v866 = fmul contract <4 x float> %v865, %v842
  %v867 = fneg <4 x float> %v866
  %v868 = mul i64 %v763, 4
  %v869 = getelementptr inbounds float, ptr %v90, i64 %v868
  %v870 = load float, ptr %v869, align 4
  %v871 = insertelement <4 x float> poison, float %v870, i64 0
  %v872 = shufflevector <4 x float> %v871, <4 x float> poison, <4 x i32> zeroinitializer
  %v873 = fdiv contract <4 x float> %v817, %v872
  %v874 = fmul contract <4 x float> %v873, %v813
  %v875 = fneg <4 x float> %v874
  %v876 = fdiv contract <4 x float> %v835, %v872
  %v877 = fmul contract <4 x float> %v876, %v831
  %v878 = fneg <4 x float> %v877
  %v879 = fdiv contract <4 x float> %v853, %v872
  %v880 = fmul contract <4 x float> %v879, %v849
  %v881 = fneg <4 x float> %v880
  %v882 = load <4 x float>, ptr %v159, align 64
  %v883 = fadd <4 x float> %v882, %v861
  store <4 x float> %v883, ptr %v159, align 64
  %v884 = load <4 x float>, ptr %v160, align 64
  %v885 = fadd <4 x float> %v884, %v864
  store <4 x float> %v885, ptr %v160, align 64
  %v886 = load <4 x float>, ptr %v161, align 64
  %v887 = fadd <4 x float> %v886, %v867
  store <4 x float> %v887, ptr %v161, align 64
  %v888 = load <4 x float>, ptr %v162, align 64
  %v889 = fadd <4 x float> %v888, %v875
  store <4 x float> %v889, ptr %v162, align 64
  %v890 = load <4 x float>, ptr %v163, align 64
  %v891 = fadd <4 x float> %v890, %v878
  store <4 x float> %v891, ptr %v163, align 64
  %v892 = load <4 x float>, ptr %v164, align 64
  %v893 = fadd <4 x float> %v892, %v881
  store <4 x float> %v893, ptr %v164, align 64
  %v894 = mul i64 %v213, 280
  %v895 = getelementptr inbounds float, ptr %v72, i64 %v894
  %v896 = getelementptr inbounds float, ptr %v895, i64 100
  %v897 = getelementptr inbounds float, ptr %v896, i64 %v774
  %v898 = load <4 x float>, ptr %v897, align 4
  %v899 = fadd <4 x float> %v898, %v850
  store <4 x float> %v899, ptr %v897, align 4
  %v900 = mul i64 %v213, 280
  %v901 = getelementptr inbounds float, ptr %v72, i64 %v900
  %v902 = getelementptr inbounds float, ptr %v901, i64 120
  %v903 = getelementptr inbounds float, ptr %v902, i64 %v774
  %v904 = load <4 x float>, ptr %v903, align 4
  %v905 = fadd <4 x float> %v904, %v843
  store <4 x float> %v905, ptr %v903, align 4
  %v906 = mul i64 %v213, 280
  %v907 = getelementptr inbounds float, ptr %v72, i64 %v906
  %v908 = getelementptr inbounds float, ptr %v907, i64 140
  %v909 = getelementptr inbounds float, ptr %v908, i64 %v774
  %v910 = load <4 x float>, ptr %v909, align 4
  %v911 = fadd <4 x float> %v910, %v839
  store <4 x float> %v911, ptr %v909, align 4
  %v912 = mul i64 %v213, 280
  %v913 = getelementptr inbounds float, ptr %v72, i64 %v912
  %v914 = getelementptr inbounds float, ptr %v913, i64 160
  %v915 = getelementptr inbounds float, ptr %v914, i64 %v774
  %v916 = load <4 x float>, ptr %v915, align 4
  %v917 = fadd <4 x float> %v916, %v832
  store <4 x float> %v917, ptr %v915, align 4
  %v918 = mul i64 %v213, 280
  %v919 = getelementptr inbounds float, ptr %v72, i64 %v918
  %v920 = getelementptr inbounds float, ptr %v919, i64 180
  %v921 = getelementptr inbounds float, ptr %v920, i64 %v774
  %v922 = load <4 x float>, ptr %v921, align 4
  %v923 = fadd <4 x float> %v922, %v825
  store <4 x float> %v923, ptr %v921, align 4
  %v924 = mul i64 %v213, 280
  %v925 = getelementptr inbounds float, ptr %v72, i64 %v924
  %v926 = getelementptr inbounds float, ptr %v925, i64 200
  %v927 = getelementptr inbounds float, ptr %v926, i64 %v774
  %v928 = load <4 x float>, ptr %v927, align 4
  %v929 = fadd <4 x float> %v928, %v821
  store <4 x float> %v929, ptr %v927, align 4
  %v930 = mul i64 %v213, 280
  %v931 = getelementptr inbounds float, ptr %v72, i64 %v930
  %v932 = getelementptr inbounds float, ptr %v931, i64 220
  %v933 = getelementptr inbounds float, ptr %v932, i64 %v774
  %v934 = load <4 x float>, ptr %v933, align 4
  %v935 = fadd <4 x float> %v934, %v814
  store <4 x float> %v935, ptr %v933, align 4
  %v936 = mul i64 %v213, 280
  %v937 = getelementptr inbounds float, ptr %v72, i64 %v936
  %v938 = getelementptr inbounds float, ptr %v937, i64 240
  %v939 = getelementptr inbounds float, ptr %v938, i64 %v774
  %v940 = load <4 x float>, ptr %v939, align 4
  %v941 = fadd <4 x float> %v940, %v807
  store <4 x float> %v941, ptr %v939, align 4
  %v942 = mul i64 %v213, 280
  %v943 = getelementptr inbounds float, ptr %v72, i64 %v942
  %v944 = getelementptr inbounds float, ptr %v943, i64 260
  %v945 = getelementptr inbounds float, ptr %v944, i64 %v774
  %v946 = load <4 x float>, ptr %v945, align 4
  %v947 = fadd <4 x float> %v946, %v803
  store <4 x float> %v947, ptr %v945, align 4
  %v948 = getelementptr inbounds float, ptr %v762, i64 44
  %v949 = getelementptr inbounds float, ptr %v948, i64 %v774
  store <4 x float> %v799, ptr %v949, align 4
  %v950 = getelementptr inbounds float, ptr %v762, i64 576
  %v951 = getelementptr inbounds float, ptr %v950, i64 %v774
  store <4 x float> %v859, ptr %v951, align 4
  %v952 = getelementptr inbounds float, ptr %v762, i64 600
  %v953 = getelementptr inbounds float, ptr %v952, i64 %v774
  store <4 x float> %v862, ptr %v953, align 4
  %v954 = getelementptr inbounds float, ptr %v762, i64 624
  %v955 = getelementptr inbounds float, ptr %v954, i64 %v774
  store <4 x float> %v865, ptr %v955, align 4
  %v956 = getelementptr inbounds float, ptr %v762, i64 808
  %v957 = getelementptr inbounds float, ptr %v956, i64 %v774
  store <4 x float> %v873, ptr %v957, align 4
  %v958 = getelementptr inbounds float, ptr %v762, i64 832
  %v959 = getelementptr inbounds float, ptr %v958, i64 %v774
  store <4 x float> %v876, ptr %v959, align 4
  %v960 = getelementptr inbounds float, ptr %v762, i64 856
  %v961 = getelementptr inbounds float, ptr %v960, i64 %v774
  store <4 x float> %v879, ptr %v961, align 4
  %v772 = add nuw nsw i64 %v771, 1
  br label %head770
done770:
  %v962 = load <4 x float>, ptr %v159, align 64
  %v963 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v962)
  %v964 = insertelement <4 x float> poison, float %v963, i64 0
  %v965 = shufflevector <4 x float> %v964, <4 x float> poison, <4 x i32> zeroinitializer
  %v966 = getelementptr inbounds float, ptr %v762, i64 596
  store <4 x float> %v965, ptr %v966, align 4
  %v967 = load <4 x float>, ptr %v160, align 64
  %v968 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v967)
  %v969 = insertelement <4 x float> poison, float %v968, i64 0
  %v970 = shufflevector <4 x float> %v969, <4 x float> poison, <4 x i32> zeroinitializer
  %v971 = getelementptr inbounds float, ptr %v762, i64 620
  store <4 x float> %v970, ptr %v971, align 4
  %v972 = load <4 x float>, ptr %v161, align 64
  %v973 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v972)
  %v974 = insertelement <4 x float> poison, float %v973, i64 0
  %v975 = shufflevector <4 x float> %v974, <4 x float> poison, <4 x i32> zeroinitializer
  %v976 = getelementptr inbounds float, ptr %v762, i64 644
  store <4 x float> %v975, ptr %v976, align 4
  %v977 = load <4 x float>, ptr %v162, align 64
  %v978 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v977)
  %v979 = insertelement <4 x float> poison, float %v978, i64 0
  %v980 = shufflevector <4 x float> %v979, <4 x float> poison, <4 x i32> zeroinitializer
  %v981 = getelementptr inbounds float, ptr %v762, i64 828
  store <4 x float> %v980, ptr %v981, align 4
  %v982 = load <4 x float>, ptr %v163, align 64
  %v983 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v982)
  %v984 = insertelement <4 x float> poison, float %v983, i64 0
  %v985 = shufflevector <4 x float> %v984, <4 x float> poison, <4 x i32> zeroinitializer
  %v986 = getelementptr inbounds float, ptr %v762, i64 852
  store <4 x float> %v985, ptr %v986, align 4
  %v987 = load <4 x float>, ptr %v164, align 64
  %v988 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v987)
  %v989 = insertelement <4 x float> poison, float %v988, i64 0
  %v990 = shufflevector <4 x float> %v989, <4 x float> poison, <4 x i32> zeroinitializer
  %v991 = getelementptr inbounds float, ptr %v762, i64 876
  store <4 x float> %v990, ptr %v991, align 4
  %v759 = add nuw nsw i64 %v758, 1
  br label %head757
done757:
  br label %end756
end756:
  br i1 %v179, label %then992, label %end992
then992:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end992
end992:
  br i1 %v178, label %then993, label %end993
then993:
  br label %head994
head994:
  %v995 = phi i64 [ 0, %then993 ], [ %v996, %done1067 ]
  %v997 = icmp slt i64 %v995, %v408
  br i1 %v997, label %body994, label %done994
body994:
  %v998 = mul i64 %v995, 1020
  %v999 = getelementptr inbounds float, ptr %v200, i64 %v998
  %v1000 = add i64 %v411, %v995
  %v1001 = getelementptr inbounds float, ptr %v999, i64 572
  %v1002 = load float, ptr %v1001, align 4
  %v1003 = insertelement <4 x float> poison, float %v1002, i64 0
  %v1004 = shufflevector <4 x float> %v1003, <4 x float> poison, <4 x i32> zeroinitializer
  %v1005 = getelementptr inbounds float, ptr %v999, i64 596
  %v1006 = load float, ptr %v1005, align 4
  %v1007 = insertelement <4 x float> poison, float %v1006, i64 0
  %v1008 = shufflevector <4 x float> %v1007, <4 x float> poison, <4 x i32> zeroinitializer
  %v1009 = fadd contract <4 x float> %v1004, %v1008
  %v1010 = getelementptr inbounds float, ptr %v999, i64 620
  %v1011 = load float, ptr %v1010, align 4
  %v1012 = insertelement <4 x float> poison, float %v1011, i64 0
  %v1013 = shufflevector <4 x float> %v1012, <4 x float> poison, <4 x i32> zeroinitializer
  %v1014 = fadd contract <4 x float> %v1009, %v1013
  %v1015 = getelementptr inbounds float, ptr %v999, i64 644
  %v1016 = load float, ptr %v1015, align 4
  %v1017 = insertelement <4 x float> poison, float %v1016, i64 0
  %v1018 = shufflevector <4 x float> %v1017, <4 x float> poison, <4 x i32> zeroinitializer
  %v1019 = fadd contract <4 x float> %v1014, %v1018
  %v1020 = fmul contract <4 x float> %v1019, splat (float 0x3FE0000000000000)
  %v1021 = mul i64 %v1000, 4
  %v1022 = getelementptr inbounds float, ptr %v100, i64 %v1021
  %v1023 = load float, ptr %v1022, align 4
  %v1024 = insertelement <4 x float> poison, float %v1023, i64 0
  %v1025 = shufflevector <4 x float> %v1024, <4 x float> poison, <4 x i32> zeroinitializer
  %v1026 = fdiv contract <4 x float> %v1020, %v1025
  %v1027 = fdiv contract <4 x float> %v1026, splat (float 0x4054000000000000)
  %v1028 = getelementptr inbounds float, ptr %v999, i64 804
  %v1029 = load float, ptr %v1028, align 4
  %v1030 = insertelement <4 x float> poison, float %v1029, i64 0
  %v1031 = shufflevector <4 x float> %v1030, <4 x float> poison, <4 x i32> zeroinitializer
  %v1032 = getelementptr inbounds float, ptr %v999, i64 828
  %v1033 = load float, ptr %v1032, align 4
  %v1034 = insertelement <4 x float> poison, float %v1033, i64 0
  %v1035 = shufflevector <4 x float> %v1034, <4 x float> poison, <4 x i32> zeroinitializer
  %v1036 = fadd contract <4 x float> %v1031, %v1035
  %v1037 = getelementptr inbounds float, ptr %v999, i64 852
  %v1038 = load float, ptr %v1037, align 4
  %v1039 = insertelement <4 x float> poison, float %v1038, i64 0
  %v1040 = shufflevector <4 x float> %v1039, <4 x float> poison, <4 x i32> zeroinitializer
  %v1041 = fadd contract <4 x float> %v1036, %v1040
  %v1042 = getelementptr inbounds float, ptr %v999, i64 876
  %v1043 = load float, ptr %v1042, align 4
  %v1044 = insertelement <4 x float> poison, float %v1043, i64 0
  %v1045 = shufflevector <4 x float> %v1044, <4 x float> poison, <4 x i32> zeroinitializer
  %v1046 = fadd contract <4 x float> %v1041, %v1045
  %v1047 = fmul contract <4 x float> %v1046, splat (float 0x3FE0000000000000)
  %v1048 = mul i64 %v1000, 4
  %v1049 = getelementptr inbounds float, ptr %v90, i64 %v1048
  %v1050 = load float, ptr %v1049, align 4
  %v1051 = insertelement <4 x float> poison, float %v1050, i64 0
  %v1052 = shufflevector <4 x float> %v1051, <4 x float> poison, <4 x i32> zeroinitializer
  %v1053 = fdiv contract <4 x float> %v1047, %v1052
  %v1054 = fdiv contract <4 x float> %v1053, splat (float 0x4054000000000000)
  %v1055 = getelementptr inbounds float, ptr %v999, i64 648
  store <4 x float> %v1009, ptr %v1055, align 4
  %v1056 = getelementptr inbounds float, ptr %v999, i64 652
  store <4 x float> %v1014, ptr %v1056, align 4
  %v1057 = getelementptr inbounds float, ptr %v999, i64 656
  store <4 x float> %v1019, ptr %v1057, align 4
  %v1058 = getelementptr inbounds float, ptr %v999, i64 660
  store <4 x float> %v1020, ptr %v1058, align 4
  %v1059 = getelementptr inbounds float, ptr %v999, i64 664
  store <4 x float> %v1026, ptr %v1059, align 4
  %v1060 = getelementptr inbounds float, ptr %v999, i64 668
  store <4 x float> %v1027, ptr %v1060, align 4
  %v1061 = getelementptr inbounds float, ptr %v999, i64 880
  store <4 x float> %v1036, ptr %v1061, align 4
  %v1062 = getelementptr inbounds float, ptr %v999, i64 884
  store <4 x float> %v1041, ptr %v1062, align 4
  %v1063 = getelementptr inbounds float, ptr %v999, i64 888
  store <4 x float> %v1046, ptr %v1063, align 4
  %v1064 = getelementptr inbounds float, ptr %v999, i64 892
  store <4 x float> %v1047, ptr %v1064, align 4
  %v1065 = getelementptr inbounds float, ptr %v999, i64 896
  store <4 x float> %v1053, ptr %v1065, align 4
  %v1066 = getelementptr inbounds float, ptr %v999, i64 900
  store <4 x float> %v1054, ptr %v1066, align 4
  store <4 x float> zeroinitializer, ptr %v165, align 64
  store <4 x float> zeroinitializer, ptr %v166, align 64
  store <4 x float> zeroinitializer, ptr %v167, align 64
  store <4 x float> zeroinitializer, ptr %v168, align 64
  store <4 x float> zeroinitializer, ptr %v169, align 64
  store <4 x float> zeroinitializer, ptr %v170, align 64
  store <4 x float> zeroinitializer, ptr %v171, align 64
  store <4 x float> zeroinitializer, ptr %v172, align 64
  br label %head1067
head1067:
  %v1068 = phi i64 [ 0, %body994 ], [ %v1069, %body1067 ]
  %v1070 = icmp slt i64 %v1068, 5
  br i1 %v1070, label %body1067, label %done1067
body1067:
  %v1071 = mul i64 %v1068, 4
  %v1072 = getelementptr inbounds float, ptr %v999, i64 668
  %v1073 = load float, ptr %v1072, align 4
  %v1074 = insertelement <4 x float> poison, float %v1073, i64 0
  %v1075 = shufflevector <4 x float> %v1074, <4 x float> poison, <4 x i32> zeroinitializer
  %v1076 = mul i64 %v1000, 20
  %v1077 = getelementptr inbounds float, ptr %v98, i64 %v1076
  %v1078 = getelementptr inbounds float, ptr %v1077, i64 %v1071
  %v1079 = load <4 x float>, ptr %v1078, align 4
  %v1080 = fmul contract <4 x float> %v1075, %v1079
  %v1081 = mul i64 %v1000, 20
  %v1082 = getelementptr inbounds float, ptr %v96, i64 %v1081
  %v1083 = getelementptr inbounds float, ptr %v1082, i64 %v1071
  %v1084 = load <4 x float>, ptr %v1083, align 4
  %v1085 = fmul contract <4 x float> %v1075, %v1084
  %v1086 = mul i64 %v1000, 20
  %v1087 = getelementptr inbounds float, ptr %v94, i64 %v1086
  %v1088 = getelementptr inbounds float, ptr %v1087, i64 %v1071
  %v1089 = load <4 x float>, ptr %v1088, align 4
  %v1090 = fmul contract <4 x float> %v1075, %v1089
  %v1091 = mul i64 %v1000, 20
  %v1092 = getelementptr inbounds float, ptr %v92, i64 %v1091
  %v1093 = getelementptr inbounds float, ptr %v1092, i64 %v1071
  %v1094 = load <4 x float>, ptr %v1093, align 4
  %v1095 = fmul contract <4 x float> %v1075, %v1094
  %v1096 = getelementptr inbounds float, ptr %v999, i64 552
  %v1097 = getelementptr inbounds float, ptr %v1096, i64 %v1071
  %v1098 = load <4 x float>, ptr %v1097, align 4
  %v1099 = fadd contract <4 x float> %v1098, %v1080
  %v1100 = fadd contract <4 x float> %v1099, %v1080
  %v1101 = fneg <4 x float> %v1100
  %v1102 = getelementptr inbounds float, ptr %v999, i64 576
  %v1103 = getelementptr inbounds float, ptr %v1102, i64 %v1071
  %v1104 = load <4 x float>, ptr %v1103, align 4
  %v1105 = fadd contract <4 x float> %v1104, %v1085
  %v1106 = fadd contract <4 x float> %v1105, %v1085
  %v1107 = fneg <4 x float> %v1106
  %v1108 = getelementptr inbounds float, ptr %v999, i64 600
  %v1109 = getelementptr inbounds float, ptr %v1108, i64 %v1071
  %v1110 = load <4 x float>, ptr %v1109, align 4
  %v1111 = fadd contract <4 x float> %v1110, %v1090
  %v1112 = fadd contract <4 x float> %v1111, %v1090
  %v1113 = fneg <4 x float> %v1112
  %v1114 = getelementptr inbounds float, ptr %v999, i64 624
  %v1115 = getelementptr inbounds float, ptr %v1114, i64 %v1071
  %v1116 = load <4 x float>, ptr %v1115, align 4
  %v1117 = fadd contract <4 x float> %v1116, %v1095
  %v1118 = fadd contract <4 x float> %v1117, %v1095
  %v1119 = fneg <4 x float> %v1118
  %v1120 = getelementptr inbounds float, ptr %v999, i64 900
  %v1121 = load float, ptr %v1120, align 4
  %v1122 = insertelement <4 x float> poison, float %v1121, i64 0
  %v1123 = shufflevector <4 x float> %v1122, <4 x float> poison, <4 x i32> zeroinitializer
  %v1124 = mul i64 %v1000, 20
  %v1125 = getelementptr inbounds float, ptr %v88, i64 %v1124
  %v1126 = getelementptr inbounds float, ptr %v1125, i64 %v1071
  %v1127 = load <4 x float>, ptr %v1126, align 4
  %v1128 = fmul contract <4 x float> %v1123, %v1127
  %v1129 = mul i64 %v1000, 20
  %v1130 = getelementptr inbounds float, ptr %v86, i64 %v1129
  %v1131 = getelementptr inbounds float, ptr %v1130, i64 %v1071
  %v1132 = load <4 x float>, ptr %v1131, align 4
  %v1133 = fmul contract <4 x float> %v1123, %v1132
  %v1134 = mul i64 %v1000, 20
  %v1135 = getelementptr inbounds float, ptr %v84, i64 %v1134
  %v1136 = getelementptr inbounds float, ptr %v1135, i64 %v1071
  %v1137 = load <4 x float>, ptr %v1136, align 4
  %v1138 = fmul contract <4 x float> %v1123, %v1137
  %v1139 = mul i64 %v1000, 20
  %v1140 = getelementptr inbounds float, ptr %v82, i64 %v1139
  %v1141 = getelementptr inbounds float, ptr %v1140, i64 %v1071
  %v1142 = load <4 x float>, ptr %v1141, align 4
  %v1143 = fmul contract <4 x float> %v1123, %v1142
  %v1144 = getelementptr inbounds float, ptr %v999, i64 784
  %v1145 = getelementptr inbounds float, ptr %v1144, i64 %v1071
  %v1146 = load <4 x float>, ptr %v1145, align 4
  %v1147 = fadd contract <4 x float> %v1146, %v1128
  %v1148 = fadd contract <4 x float> %v1147, %v1128
  %v1149 = fneg <4 x float> %v1148
  %v1150 = getelementptr inbounds float, ptr %v999, i64 808
  %v1151 = getelementptr inbounds float, ptr %v1150, i64 %v1071
  %v1152 = load <4 x float>, ptr %v1151, align 4
  %v1153 = fadd contract <4 x float> %v1152, %v1133
  %v1154 = fadd contract <4 x float> %v1153, %v1133
  %v1155 = fneg <4 x float> %v1154
  %v1156 = getelementptr inbounds float, ptr %v999, i64 832
  %v1157 = getelementptr inbounds float, ptr %v1156, i64 %v1071
  %v1158 = load <4 x float>, ptr %v1157, align 4
  %v1159 = fadd contract <4 x float> %v1158, %v1138
  %v1160 = fadd contract <4 x float> %v1159, %v1138
  %v1161 = fneg <4 x float> %v1160
  %v1162 = getelementptr inbounds float, ptr %v999, i64 856
  %v1163 = getelementptr inbounds float, ptr %v1162, i64 %v1071
  %v1164 = load <4 x float>, ptr %v1163, align 4
  %v1165 = fadd contract <4 x float> %v1164, %v1143
  %v1166 = fadd contract <4 x float> %v1165, %v1143
  %v1167 = fneg <4 x float> %v1166
  %v1168 = load <4 x float>, ptr %v165, align 64
  %v1169 = fadd <4 x float> %v1168, %v1101
  store <4 x float> %v1169, ptr %v165, align 64
  %v1170 = load <4 x float>, ptr %v166, align 64
  %v1171 = fadd <4 x float> %v1170, %v1107
  store <4 x float> %v1171, ptr %v166, align 64
  %v1172 = load <4 x float>, ptr %v167, align 64
  %v1173 = fadd <4 x float> %v1172, %v1113
  store <4 x float> %v1173, ptr %v167, align 64
  %v1174 = load <4 x float>, ptr %v168, align 64
  %v1175 = fadd <4 x float> %v1174, %v1119
  store <4 x float> %v1175, ptr %v168, align 64
  %v1176 = load <4 x float>, ptr %v169, align 64
  %v1177 = fadd <4 x float> %v1176, %v1149
  store <4 x float> %v1177, ptr %v169, align 64
  %v1178 = load <4 x float>, ptr %v170, align 64
  %v1179 = fadd <4 x float> %v1178, %v1155
  store <4 x float> %v1179, ptr %v170, align 64
  %v1180 = load <4 x float>, ptr %v171, align 64
  %v1181 = fadd <4 x float> %v1180, %v1161
  store <4 x float> %v1181, ptr %v171, align 64
  %v1182 = load <4 x float>, ptr %v172, align 64
  %v1183 = fadd <4 x float> %v1182, %v1167
  store <4 x float> %v1183, ptr %v172, align 64
  %v1184 = getelementptr inbounds float, ptr %v999, i64 672
  %v1185 = getelementptr inbounds float, ptr %v1184, i64 %v1071
  store <4 x float> %v1100, ptr %v1185, align 4
  %v1186 = getelementptr inbounds float, ptr %v999, i64 696
  %v1187 = getelementptr inbounds float, ptr %v1186, i64 %v1071
  store <4 x float> %v1106, ptr %v1187, align 4
  %v1188 = getelementptr inbounds float, ptr %v999, i64 720
  %v1189 = getelementptr inbounds float, ptr %v1188, i64 %v1071
  store <4 x float> %v1112, ptr %v1189, align 4
  %v1190 = getelementptr inbounds float, ptr %v999, i64 744
  %v1191 = getelementptr inbounds float, ptr %v1190, i64 %v1071
  store <4 x float> %v1118, ptr %v1191, align 4
  %v1192 = getelementptr inbounds float, ptr %v999, i64 904
  %v1193 = getelementptr inbounds float, ptr %v1192, i64 %v1071
  store <4 x float> %v1148, ptr %v1193, align 4
  %v1194 = getelementptr inbounds float, ptr %v999, i64 928
  %v1195 = getelementptr inbounds float, ptr %v1194, i64 %v1071
  store <4 x float> %v1154, ptr %v1195, align 4
  %v1196 = getelementptr inbounds float, ptr %v999, i64 952
  %v1197 = getelementptr inbounds float, ptr %v1196, i64 %v1071
  store <4 x float> %v1160, ptr %v1197, align 4
  %v1198 = getelementptr inbounds float, ptr %v999, i64 976
  %v1199 = getelementptr inbounds float, ptr %v1198, i64 %v1071
  store <4 x float> %v1166, ptr %v1199, align 4
  %v1069 = add nuw nsw i64 %v1068, 1
  br label %head1067
done1067:
  %v1200 = load <4 x float>, ptr %v165, align 64
  %v1201 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1200)
  %v1202 = insertelement <4 x float> poison, float %v1201, i64 0
  %v1203 = shufflevector <4 x float> %v1202, <4 x float> poison, <4 x i32> zeroinitializer
  %v1204 = getelementptr inbounds float, ptr %v999, i64 692
  store <4 x float> %v1203, ptr %v1204, align 4
  %v1205 = load <4 x float>, ptr %v166, align 64
  %v1206 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1205)
  %v1207 = insertelement <4 x float> poison, float %v1206, i64 0
  %v1208 = shufflevector <4 x float> %v1207, <4 x float> poison, <4 x i32> zeroinitializer
  %v1209 = getelementptr inbounds float, ptr %v999, i64 716
  store <4 x float> %v1208, ptr %v1209, align 4
  %v1210 = load <4 x float>, ptr %v167, align 64
  %v1211 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1210)
  %v1212 = insertelement <4 x float> poison, float %v1211, i64 0
  %v1213 = shufflevector <4 x float> %v1212, <4 x float> poison, <4 x i32> zeroinitializer
  %v1214 = getelementptr inbounds float, ptr %v999, i64 740
  store <4 x float> %v1213, ptr %v1214, align 4
  %v1215 = load <4 x float>, ptr %v168, align 64
  %v1216 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1215)
  %v1217 = insertelement <4 x float> poison, float %v1216, i64 0
  %v1218 = shufflevector <4 x float> %v1217, <4 x float> poison, <4 x i32> zeroinitializer
  %v1219 = getelementptr inbounds float, ptr %v999, i64 764
  store <4 x float> %v1218, ptr %v1219, align 4
  %v1220 = load <4 x float>, ptr %v169, align 64
  %v1221 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1220)
  %v1222 = insertelement <4 x float> poison, float %v1221, i64 0
  %v1223 = shufflevector <4 x float> %v1222, <4 x float> poison, <4 x i32> zeroinitializer
  %v1224 = getelementptr inbounds float, ptr %v999, i64 924
  store <4 x float> %v1223, ptr %v1224, align 4
  %v1225 = load <4 x float>, ptr %v170, align 64
  %v1226 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1225)
  %v1227 = insertelement <4 x float> poison, float %v1226, i64 0
  %v1228 = shufflevector <4 x float> %v1227, <4 x float> poison, <4 x i32> zeroinitializer
  %v1229 = getelementptr inbounds float, ptr %v999, i64 948
  store <4 x float> %v1228, ptr %v1229, align 4
  %v1230 = load <4 x float>, ptr %v171, align 64
  %v1231 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1230)
  %v1232 = insertelement <4 x float> poison, float %v1231, i64 0
  %v1233 = shufflevector <4 x float> %v1232, <4 x float> poison, <4 x i32> zeroinitializer
  %v1234 = getelementptr inbounds float, ptr %v999, i64 972
  store <4 x float> %v1233, ptr %v1234, align 4
  %v1235 = load <4 x float>, ptr %v172, align 64
  %v1236 = call reassoc float @llvm.vector.reduce.fadd.v4f32(float 0x8000000000000000, <4 x float> %v1235)
  %v1237 = insertelement <4 x float> poison, float %v1236, i64 0
  %v1238 = shufflevector <4 x float> %v1237, <4 x float> poison, <4 x i32> zeroinitializer
  %v1239 = getelementptr inbounds float, ptr %v999, i64 996
  store <4 x float> %v1238, ptr %v1239, align 4
  %v996 = add nuw nsw i64 %v995, 1
  br label %head994
done994:
  br label %end993
end993:
  br i1 %v179, label %then1240, label %end1240
then1240:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1240
end1240:
  br i1 %v178, label %then1241, label %end1241
then1241:
  br label %head1242
head1242:
  %v1243 = phi i64 [ 0, %then1241 ], [ %v1244, %done1297 ]
  %v1245 = icmp slt i64 %v1243, %v408
  br i1 %v1245, label %body1242, label %done1242
body1242:
  %v1246 = mul i64 %v1243, 1020
  %v1247 = getelementptr inbounds float, ptr %v200, i64 %v1246
  %v1248 = add i64 %v411, %v1243
  %v1249 = getelementptr inbounds float, ptr %v1247, i64 692
  %v1250 = load float, ptr %v1249, align 4
  %v1251 = insertelement <4 x float> poison, float %v1250, i64 0
  %v1252 = shufflevector <4 x float> %v1251, <4 x float> poison, <4 x i32> zeroinitializer
  %v1253 = getelementptr inbounds float, ptr %v1247, i64 716
  %v1254 = load float, ptr %v1253, align 4
  %v1255 = insertelement <4 x float> poison, float %v1254, i64 0
  %v1256 = shufflevector <4 x float> %v1255, <4 x float> poison, <4 x i32> zeroinitializer
  %v1257 = fadd contract <4 x float> %v1252, %v1256
  %v1258 = getelementptr inbounds float, ptr %v1247, i64 740
  %v1259 = load float, ptr %v1258, align 4
  %v1260 = insertelement <4 x float> poison, float %v1259, i64 0
  %v1261 = shufflevector <4 x float> %v1260, <4 x float> poison, <4 x i32> zeroinitializer
  %v1262 = fadd contract <4 x float> %v1257, %v1261
  %v1263 = getelementptr inbounds float, ptr %v1247, i64 764
  %v1264 = load float, ptr %v1263, align 4
  %v1265 = insertelement <4 x float> poison, float %v1264, i64 0
  %v1266 = shufflevector <4 x float> %v1265, <4 x float> poison, <4 x i32> zeroinitializer
  %v1267 = fadd contract <4 x float> %v1262, %v1266
  %v1268 = fdiv contract <4 x float> %v1267, splat (float 0x4054000000000000)
  %v1269 = getelementptr inbounds float, ptr %v1247, i64 924
  %v1270 = load float, ptr %v1269, align 4
  %v1271 = insertelement <4 x float> poison, float %v1270, i64 0
  %v1272 = shufflevector <4 x float> %v1271, <4 x float> poison, <4 x i32> zeroinitializer
  %v1273 = getelementptr inbounds float, ptr %v1247, i64 948
  %v1274 = load float, ptr %v1273, align 4
  %v1275 = insertelement <4 x float> poison, float %v1274, i64 0
  %v1276 = shufflevector <4 x float> %v1275, <4 x float> poison, <4 x i32> zeroinitializer
  %v1277 = fadd contract <4 x float> %v1272, %v1276
  %v1278 = getelementptr inbounds float, ptr %v1247, i64 972
  %v1279 = load float, ptr %v1278, align 4
  %v1280 = insertelement <4 x float> poison, float %v1279, i64 0
  %v1281 = shufflevector <4 x float> %v1280, <4 x float> poison, <4 x i32> zeroinitializer
  %v1282 = fadd contract <4 x float> %v1277, %v1281
  %v1283 = getelementptr inbounds float, ptr %v1247, i64 996
  %v1284 = load float, ptr %v1283, align 4
  %v1285 = insertelement <4 x float> poison, float %v1284, i64 0
  %v1286 = shufflevector <4 x float> %v1285, <4 x float> poison, <4 x i32> zeroinitializer
  %v1287 = fadd contract <4 x float> %v1282, %v1286
  %v1288 = fdiv contract <4 x float> %v1287, splat (float 0x4054000000000000)
  %v1289 = getelementptr inbounds float, ptr %v1247, i64 768
  store <4 x float> %v1257, ptr %v1289, align 4
  %v1290 = getelementptr inbounds float, ptr %v1247, i64 772
  store <4 x float> %v1262, ptr %v1290, align 4
  %v1291 = getelementptr inbounds float, ptr %v1247, i64 776
  store <4 x float> %v1267, ptr %v1291, align 4
  %v1292 = getelementptr inbounds float, ptr %v1247, i64 780
  store <4 x float> %v1268, ptr %v1292, align 4
  %v1293 = getelementptr inbounds float, ptr %v1247, i64 1000
  store <4 x float> %v1277, ptr %v1293, align 4
  %v1294 = getelementptr inbounds float, ptr %v1247, i64 1004
  store <4 x float> %v1282, ptr %v1294, align 4
  %v1295 = getelementptr inbounds float, ptr %v1247, i64 1008
  store <4 x float> %v1287, ptr %v1295, align 4
  %v1296 = getelementptr inbounds float, ptr %v1247, i64 1012
  store <4 x float> %v1288, ptr %v1296, align 4
  br label %head1297
head1297:
  %v1298 = phi i64 [ 0, %body1242 ], [ %v1299, %body1297 ]
  %v1300 = icmp slt i64 %v1298, 5
  br i1 %v1300, label %body1297, label %done1297
body1297:
  %v1301 = mul i64 %v1298, 4
  %v1302 = getelementptr inbounds float, ptr %v1247, i64 780
  %v1303 = load float, ptr %v1302, align 4
  %v1304 = insertelement <4 x float> poison, float %v1303, i64 0
  %v1305 = shufflevector <4 x float> %v1304, <4 x float> poison, <4 x i32> zeroinitializer
  %v1306 = getelementptr inbounds float, ptr %v1247, i64 672
  %v1307 = getelementptr inbounds float, ptr %v1306, i64 %v1301
  %v1308 = load <4 x float>, ptr %v1307, align 4
  %v1309 = fadd contract <4 x float> %v1308, %v1305
  %v1310 = getelementptr inbounds float, ptr %v1247, i64 696
  %v1311 = getelementptr inbounds float, ptr %v1310, i64 %v1301
  %v1312 = load <4 x float>, ptr %v1311, align 4
  %v1313 = fadd contract <4 x float> %v1312, %v1305
  %v1314 = getelementptr inbounds float, ptr %v1247, i64 720
  %v1315 = getelementptr inbounds float, ptr %v1314, i64 %v1301
  %v1316 = load <4 x float>, ptr %v1315, align 4
  %v1317 = fadd contract <4 x float> %v1316, %v1305
  %v1318 = getelementptr inbounds float, ptr %v1247, i64 744
  %v1319 = getelementptr inbounds float, ptr %v1318, i64 %v1301
  %v1320 = load <4 x float>, ptr %v1319, align 4
  %v1321 = fadd contract <4 x float> %v1320, %v1305
  %v1322 = getelementptr inbounds float, ptr %v1247, i64 1012
  %v1323 = load float, ptr %v1322, align 4
  %v1324 = insertelement <4 x float> poison, float %v1323, i64 0
  %v1325 = shufflevector <4 x float> %v1324, <4 x float> poison, <4 x i32> zeroinitializer
  %v1326 = getelementptr inbounds float, ptr %v1247, i64 904
  %v1327 = getelementptr inbounds float, ptr %v1326, i64 %v1301
  %v1328 = load <4 x float>, ptr %v1327, align 4
  %v1329 = fadd contract <4 x float> %v1328, %v1325
  %v1330 = getelementptr inbounds float, ptr %v1247, i64 928
  %v1331 = getelementptr inbounds float, ptr %v1330, i64 %v1301
  %v1332 = load <4 x float>, ptr %v1331, align 4
  %v1333 = fadd contract <4 x float> %v1332, %v1325
  %v1334 = getelementptr inbounds float, ptr %v1247, i64 952
  %v1335 = getelementptr inbounds float, ptr %v1334, i64 %v1301
  %v1336 = load <4 x float>, ptr %v1335, align 4
  %v1337 = fadd contract <4 x float> %v1336, %v1325
  %v1338 = getelementptr inbounds float, ptr %v1247, i64 976
  %v1339 = getelementptr inbounds float, ptr %v1338, i64 %v1301
  %v1340 = load <4 x float>, ptr %v1339, align 4
  %v1341 = fadd contract <4 x float> %v1340, %v1325
  %v1342 = mul i64 %v1248, 84
  %v1343 = getelementptr inbounds float, ptr %v106, i64 %v1342
  %v1344 = getelementptr inbounds float, ptr %v1343, i64 %v1301
  store <4 x float> %v1309, ptr %v1344, align 4
  %v1345 = mul i64 %v1248, 84
  %v1346 = getelementptr inbounds float, ptr %v106, i64 %v1345
  %v1347 = getelementptr inbounds float, ptr %v1346, i64 20
  %v1348 = getelementptr inbounds float, ptr %v1347, i64 %v1301
  store <4 x float> %v1313, ptr %v1348, align 4
  %v1349 = mul i64 %v1248, 84
  %v1350 = getelementptr inbounds float, ptr %v106, i64 %v1349
  %v1351 = getelementptr inbounds float, ptr %v1350, i64 40
  %v1352 = getelementptr inbounds float, ptr %v1351, i64 %v1301
  store <4 x float> %v1317, ptr %v1352, align 4
  %v1353 = mul i64 %v1248, 84
  %v1354 = getelementptr inbounds float, ptr %v106, i64 %v1353
  %v1355 = getelementptr inbounds float, ptr %v1354, i64 60
  %v1356 = getelementptr inbounds float, ptr %v1355, i64 %v1301
  store <4 x float> %v1321, ptr %v1356, align 4
  %v1357 = mul i64 %v1248, 84
  %v1358 = getelementptr inbounds float, ptr %v108, i64 %v1357
  %v1359 = getelementptr inbounds float, ptr %v1358, i64 %v1301
  store <4 x float> %v1329, ptr %v1359, align 4
  %v1360 = mul i64 %v1248, 84
  %v1361 = getelementptr inbounds float, ptr %v108, i64 %v1360
  %v1362 = getelementptr inbounds float, ptr %v1361, i64 20
  %v1363 = getelementptr inbounds float, ptr %v1362, i64 %v1301
  store <4 x float> %v1333, ptr %v1363, align 4
  %v1364 = mul i64 %v1248, 84
  %v1365 = getelementptr inbounds float, ptr %v108, i64 %v1364
  %v1366 = getelementptr inbounds float, ptr %v1365, i64 40
  %v1367 = getelementptr inbounds float, ptr %v1366, i64 %v1301
  store <4 x float> %v1337, ptr %v1367, align 4
  %v1368 = mul i64 %v1248, 84
  %v1369 = getelementptr inbounds float, ptr %v108, i64 %v1368
  %v1370 = getelementptr inbounds float, ptr %v1369, i64 60
  %v1371 = getelementptr inbounds float, ptr %v1370, i64 %v1301
  store <4 x float> %v1341, ptr %v1371, align 4
  %v1372 = getelementptr inbounds float, ptr %v1247, i64 64
  %v1373 = getelementptr inbounds float, ptr %v1372, i64 %v1301
  store <4 x float> %v1309, ptr %v1373, align 4
  %v1374 = getelementptr inbounds float, ptr %v1247, i64 84
  %v1375 = getelementptr inbounds float, ptr %v1374, i64 %v1301
  store <4 x float> %v1313, ptr %v1375, align 4
  %v1376 = getelementptr inbounds float, ptr %v1247, i64 104
  %v1377 = getelementptr inbounds float, ptr %v1376, i64 %v1301
  store <4 x float> %v1317, ptr %v1377, align 4
  %v1378 = getelementptr inbounds float, ptr %v1247, i64 124
  %v1379 = getelementptr inbounds float, ptr %v1378, i64 %v1301
  store <4 x float> %v1321, ptr %v1379, align 4
  %v1380 = getelementptr inbounds float, ptr %v1247, i64 144
  %v1381 = getelementptr inbounds float, ptr %v1380, i64 %v1301
  store <4 x float> %v1329, ptr %v1381, align 4
  %v1382 = getelementptr inbounds float, ptr %v1247, i64 164
  %v1383 = getelementptr inbounds float, ptr %v1382, i64 %v1301
  store <4 x float> %v1333, ptr %v1383, align 4
  %v1384 = getelementptr inbounds float, ptr %v1247, i64 184
  %v1385 = getelementptr inbounds float, ptr %v1384, i64 %v1301
  store <4 x float> %v1337, ptr %v1385, align 4
  %v1386 = getelementptr inbounds float, ptr %v1247, i64 204
  %v1387 = getelementptr inbounds float, ptr %v1386, i64 %v1301
  store <4 x float> %v1341, ptr %v1387, align 4
  %v1299 = add nuw nsw i64 %v1298, 1
  br label %head1297
done1297:
  %v1244 = add nuw nsw i64 %v1243, 1
  br label %head1242
done1242:
  br label %end1241
end1241:
  br i1 %v179, label %then1388, label %end1388
then1388:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1388
end1388:
  %v1389 = getelementptr inbounds float, ptr %v200, i64 64
  %v1390 = mul i64 %v190, 2
  %v1391 = mul i64 %v193, 2
  %v1392 = icmp slt i64 %v1391, 5
  %v1393 = select i1 %v1392, i64 %v1391, i64 5
  %v1394 = sub i64 %v1393, %v1390
  %v1395 = mul i64 %v1390, 320
  %v1396 = getelementptr inbounds float, ptr %v112, i64 %v1395
  %v1397 = mul i64 %v1390, 4
  %v1398 = getelementptr inbounds float, ptr %v200, i64 %v1397
  call void @gw_gemm(i64 %v408, ptr %v1398, i64 1020, ptr %v1389, i64 1020, ptr %v1396, i64 80, i64 %v1394, i1 0, i1 false)
  %v1399 = getelementptr inbounds float, ptr %v200, i64 20
  %v1400 = getelementptr inbounds float, ptr %v200, i64 144
  %v1401 = mul i64 %v186, 2
  %v1402 = mul i64 %v188, 2
  %v1403 = icmp slt i64 %v1402, 1
  %v1404 = select i1 %v1403, i64 %v1402, i64 1
  %v1405 = sub i64 %v1404, %v1401
  %v1406 = mul i64 %v1401, 320
  %v1407 = getelementptr inbounds float, ptr %v120, i64 %v1406
  %v1408 = mul i64 %v1401, 4
  %v1409 = getelementptr inbounds float, ptr %v1399, i64 %v1408
  call void @gw_gemm(i64 %v408, ptr %v1409, i64 1020, ptr %v1400, i64 1020, ptr %v1407, i64 80, i64 %v1405, i1 0, i1 false)
  br i1 %v179, label %then1410, label %end1410
then1410:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1410
end1410:
  br label %head1411
head1411:
  %v1412 = phi i64 [ 0, %end1410 ], [ %v1413, %done1419 ]
  %v1414 = icmp slt i64 %v1412, %v408
  br i1 %v1414, label %body1411, label %done1411
body1411:
  %v1415 = mul i64 %v1412, 1020
  %v1416 = getelementptr inbounds float, ptr %v200, i64 %v1415
  %v1417 = add i64 %v411, %v1412
  %v1418 = sub i64 %v198, %v195
  br label %head1419
head1419:
  %v1420 = phi i64 [ 0, %body1411 ], [ %v1421, %body1419 ]
  %v1422 = icmp slt i64 %v1420, %v1418
  br i1 %v1422, label %body1419, label %done1419
body1419:
  %v1423 = add i64 %v195, %v1420
  %v1424 = mul i64 %v1423, 4
  %v1425 = getelementptr inbounds float, ptr %v1416, i64 %v1424
  %v1426 = load <4 x float>, ptr %v1425, align 4
  %v1427 = getelementptr inbounds float, ptr %v1416, i64 24
  %v1428 = getelementptr inbounds float, ptr %v1427, i64 %v1424
  store <4 x float> %v1426, ptr %v1428, align 4
  %v1421 = add nuw nsw i64 %v1420, 1
  br label %head1419
done1419:
  %v1413 = add nuw nsw i64 %v1412, 1
  br label %head1411
done1411:
  br i1 %v179, label %then1429, label %end1429
then1429:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1429
end1429:
  br i1 %v178, label %then1430, label %end1430
then1430:
  br label %head1431
head1431:
  %v1432 = phi i64 [ 0, %then1430 ], [ %v1433, %body1431 ]
  %v1434 = icmp slt i64 %v1432, %v408
  br i1 %v1434, label %body1431, label %done1431
body1431:
  %v1435 = add i64 %v217, %v1432
  %v1436 = getelementptr inbounds i64, ptr %v52, i64 %v1435
  %v1437 = load i64, ptr %v1436, align 8
  %v1438 = mul i64 %v1432, 1020
  %v1439 = getelementptr inbounds float, ptr %v200, i64 %v1438
  %v1440 = mul i64 %v1437, %v34
  %v1441 = getelementptr inbounds float, ptr %v30, i64 %v1440
  %v1442 = mul i64 %v395, %v32
  %v1443 = getelementptr inbounds float, ptr %v1441, i64 %v1442
  %v1444 = getelementptr inbounds float, ptr %v1439, i64 20
  call void @copy(ptr %v1443, ptr %v1444, i64 3)
  %v1433 = add nuw nsw i64 %v1432, 1
  br label %head1431
done1431:
  br label %end1430
end1430:
  br i1 %v179, label %then1445, label %end1445
then1445:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1445
end1445:
  %v1446 = add i64 %v395, %v70
  %v1447 = icmp ne ptr %v64, null
  %v1448 = icmp slt i64 %v1446, %v44
  %v1449 = and i1 %v1447, %v1448
  br i1 %v1449, label %then1450, label %end1450
then1450:
  store i64 %v219, ptr %v204, align 8
  br i1 %v227, label %then1451, label %end1451
then1451:
  store i64 0, ptr %v204, align 8
  br label %head1452
head1452:
  %v1453 = phi i64 [ 0, %then1451 ], [ %v1454, %body1452 ]
  %v1455 = icmp slt i64 %v1453, %v219
  br i1 %v1455, label %body1452, label %done1452
body1452:
  %v1456 = add i64 %v217, %v1453
  %v1457 = getelementptr inbounds i64, ptr %v54, i64 %v1456
  %v1458 = load i64, ptr %v1457, align 8
  %v1459 = icmp sgt i64 %v1458, %v1446
  %v1460 = load i64, ptr %v204, align 8
  %v1461 = zext i1 %v1459 to i64
  %v1462 = add i64 %v1460, %v1461
  store i64 %v1462, ptr %v204, align 8
  %v1454 = add nuw nsw i64 %v1453, 1
  br label %head1452
done1452:
  br label %end1451
end1451:
  %v1463 = load i64, ptr %v204, align 8
  br i1 %v179, label %then1464, label %end1464
then1464:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1464
end1464:
  br i1 %v178, label %then1465, label %end1465
then1465:
  br label %head1466
head1466:
  %v1467 = phi i64 [ 0, %then1465 ], [ %v1468, %end1481 ]
  %v1469 = icmp slt i64 %v1467, %v1463
  br i1 %v1469, label %body1466, label %done1466
body1466:
  %v1470 = add i64 %v217, %v1467
  %v1471 = getelementptr inbounds i64, ptr %v52, i64 %v1470
  %v1472 = load i64, ptr %v1471, align 8
  %v1473 = mul i64 %v1467, 1020
  %v1474 = getelementptr inbounds float, ptr %v200, i64 %v1473
  %v1475 = mul i64 %v1446, %v66
  %v1476 = mul i64 %v1472, %v68
  %v1477 = add i64 %v1475, %v1476
  %v1478 = getelementptr inbounds i8, ptr %v64, i64 %v1477
  %v1479 = load i8, ptr %v1478, align 1
  %v1480 = icmp ne i8 %v1479, 0
  br i1 %v1480, label %then1481, label %end1481
then1481:
  %v1482 = mul i64 %v1472, %v24
  %v1483 = getelementptr inbounds float, ptr %v22, i64 %v1482
  br label %head1484
head1484:
  %v1485 = phi i64 [ 0, %then1481 ], [ %v1486, %body1484 ]
  %v1487 = icmp slt i64 %v1485, 5
  br i1 %v1487, label %body1484, label %done1484
body1484:
  %v1488 = mul i64 %v1485, 4
  %v1489 = getelementptr inbounds float, ptr %v1483, i64 %v1488
  %v1490 = getelementptr inbounds float, ptr %v1474, i64 24
  %v1491 = getelementptr inbounds float, ptr %v1490, i64 %v1488
  %v1492 = load <4 x float>, ptr %v1489, align 4
  %v1493 = load <4 x float>, ptr %v1491, align 4
  %v1494 = fadd <4 x float> %v1492, %v1493
  store <4 x float> %v1494, ptr %v1489, align 4
  store <4 x float> zeroinitializer, ptr %v1491, align 4
  %v1486 = add nuw nsw i64 %v1485, 1
  br label %head1484
done1484:
  %v1495 = mul i64 %v1472, %v28
  %v1496 = getelementptr inbounds float, ptr %v26, i64 %v1495
  br label %head1497
head1497:
  %v1498 = phi i64 [ 0, %done1484 ], [ %v1499, %body1497 ]
  %v1500 = icmp slt i64 %v1498, 5
  br i1 %v1500, label %body1497, label %done1497
body1497:
  %v1501 = mul i64 %v1498, 4
  %v1502 = getelementptr inbounds float, ptr %v1496, i64 %v1501
  %v1503 = getelementptr inbounds float, ptr %v1474, i64 44
  %v1504 = getelementptr inbounds float, ptr %v1503, i64 %v1501
  %v1505 = load <4 x float>, ptr %v1502, align 4
  %v1506 = load <4 x float>, ptr %v1504, align 4
  %v1507 = fadd <4 x float> %v1505, %v1506
  store <4 x float> %v1507, ptr %v1502, align 4
  store <4 x float> zeroinitializer, ptr %v1504, align 4
  %v1499 = add nuw nsw i64 %v1498, 1
  br label %head1497
done1497:
  br label %end1481
end1481:
  %v1468 = add nuw nsw i64 %v1467, 1
  br label %head1466
done1466:
  br label %end1465
end1465:
  br i1 %v179, label %then1508, label %end1508
then1508:
  call void @gw.barrier(ptr %v76, i32 %threads)
  br label %end1508
end1508:
  br label %end1450
end1450:
  %v391 = add nuw nsw i64 %v390, 1
  br label %head389
done389:
  br i1 %v178, label %then1509, label %end1509
then1509:
  br label %head1510
head1510:
  %v1511 = phi i64 [ 0, %then1509 ], [ %v1512, %body1510 ]
  %v1513 = icmp slt i64 %v1511, %v219
  br i1 %v1513, label %body1510, label %done1510
body1510:
  %v1514 = add i64 %v217, %v1511
  %v1515 = getelementptr inbounds i64, ptr %v52, i64 %v1514
  %v1516 = load i64, ptr %v1515, align 8
  %v1517 = mul i64 %v1511, 1020
  %v1518 = getelementptr inbounds float, ptr %v200, i64 %v1517
  %v1519 = mul i64 %v1516, %v38
  %v1520 = getelementptr inbounds float, ptr %v36, i64 %v1519
  %v1521 = getelementptr inbounds float, ptr %v1518, i64 24
  call void @copy(ptr %v1520, ptr %v1521, i64 20)
  %v1522 = mul i64 %v1516, %v42
  %v1523 = getelementptr inbounds float, ptr %v40, i64 %v1522
  %v1524 = getelementptr inbounds float, ptr %v1518, i64 44
  call void @copy(ptr %v1523, ptr %v1524, i64 20)
  %v1512 = add nuw nsw i64 %v1511, 1
  br label %head1510
done1510:
  br label %end1509
end1509:
  br label %next
finished:
  ret void
}

define internal <4 x float> @gw.sigmoid.v4f32(<4 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <4 x float> splat (float 0xC05601E680000000), %x
  %v1 = select <4 x i1> %v0, <4 x float> splat (float 0xC05601E680000000), <4 x float> %x
  %v2 = fcmp olt <4 x float> splat (float 0x403419ECC0000000), %v1
  %v3 = select <4 x i1> %v2, <4 x float> splat (float 0x403419ECC0000000), <4 x float> %v1
  %v4 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v3, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <4 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0xBFE6300000000000), <4 x float> %v3)
  %v7 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0x3F2BD01060000000), <4 x float> %v6)
  %v8 = fmul <4 x float> %v7, %v7
  %v9 = fmul <4 x float> %v7, %v8
  %v10 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> splat (float 0x3F80C813A0000000), <4 x float> %v8, <4 x float> splat (float 0xBFB554FEE0000000))
  %v11 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v9, <4 x float> %v10, <4 x float> %v7)
  %v12 = bitcast <4 x float> %v4 to <4 x i32>
  %v13 = shl <4 x i32> %v12, splat (i32 23)
  %v14 = bitcast <4 x i32> %v13 to <4 x float>
  %v15 = fadd <4 x float> %v11, splat (float 0x4000000000000000)
  %v16 = fmul <4 x float> %v14, %v15
  %v17 = fsub <4 x float> splat (float 0x4000000000000000), %v11
  %v18 = fadd <4 x float> %v16, %v17
  %v19 = fdiv <4 x float> %v16, %v18
  ret <4 x float> %v19
}

define internal <4 x float> @gw.tanh.v4f32(<4 x float> %x) alwaysinline nounwind memory(none) {
  %v0 = fcmp ogt <4 x float> splat (float 0xC02419ECC0000000), %x
  %v1 = select <4 x i1> %v0, <4 x float> splat (float 0xC02419ECC0000000), <4 x float> %x
  %v2 = fcmp olt <4 x float> splat (float 0x402419ECC0000000), %v1
  %v3 = select <4 x i1> %v2, <4 x float> splat (float 0x402419ECC0000000), <4 x float> %v1
  %v4 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v3, <4 x float> splat (float 0x4007154760000000), <4 x float> splat (float 0x4168000FE0000000))
  %v5 = fsub <4 x float> %v4, splat (float 0x4168000FE0000000)
  %v6 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v5, <4 x float> splat (float 0xBFD62E4300000000), <4 x float> %v3)
  %v7 = fmul <4 x float> %v6, %v6
  %v8 = fmul <4 x float> %v6, %v7
  %v9 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> splat (float 0x3FC0C813A0000000), <4 x float> %v7, <4 x float> splat (float 0xBFD554FEE0000000))
  %v10 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v8, <4 x float> %v9, <4 x float> %v6)
  %v11 = bitcast <4 x float> %v4 to <4 x i32>
  %v12 = shl <4 x i32> %v11, splat (i32 23)
  %v13 = bitcast <4 x i32> %v12 to <4 x float>
  %v14 = fadd <4 x float> %v13, splat (float 0x3FF0000000000000)
  %v15 = fsub <4 x float> %v13, splat (float 0x3FF0000000000000)
  %v16 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v14, <4 x float> %v10, <4 x float> %v15)
  %v17 = call <4 x float> @llvm.fmuladd.v4f32(<4 x float> %v15, <4 x float> %v10, <4 x float> %v14)
  %v18 = fdiv <4 x float> %v16, %v17
  ret <4 x float> %v18
}

